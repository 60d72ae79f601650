import { canaryPods, canaryPolicies } from '../../../src/cluster/canary/objects.ts'
import { readManifest, withFlowReporter } from '../../../src/cluster/kind/calico-manifest.ts'
import { kindConfig } from '../../../src/cluster/kind/config.ts'

const place = { namespace: 'ztlab-canary' }
const host = { cgroupV1: false, limited: false }
const config = (choices: Partial<Parameters<typeof kindConfig>[0]> = {}) =>
  JSON.parse(kindConfig({ nodes: 2, calico: true, host, ...choices }))

test('with Calico the nodes come without a network of their own', () => {
  expect(config().networking).toEqual({ disableDefaultCNI: true, podSubnet: '192.168.0.0/16' })
  expect(config({ calico: false }).networking.disableDefaultCNI).toBe(false)
  expect(config({ nodes: 3 }).nodes.map(({ role }: { role: string }) => role)).toEqual([
    'control-plane',
    'worker',
    'worker',
  ])
})

test('what only some hosts need is written for these alone', () => {
  expect(config().featureGates).toBeUndefined()
  expect(JSON.stringify(config())).not.toContain('failCgroupV1')
  const old = JSON.stringify(config({ host: { cgroupV1: true, limited: true } }))
  expect(old).toContain('KubeletInUserNamespace')
  expect(old).toContain('failCgroupV1')
  expect(old).toContain('conntrack')
})

test('the control plane takes pods, except with one node, where kind sees to it', () => {
  expect(JSON.stringify(config({ nodes: 2 }))).toContain('taints')
  expect(JSON.stringify(config({ nodes: 1 }))).not.toContain('taints')
})

test('a manifest is objects and the images they run', () => {
  const text = `
kind: DaemonSet
metadata: {name: calico-node}
spec:
  containers:
    - name: a
      image: quay.io/calico/node:v1
    - image: "quay.io/calico/cni:v1"
---
# nothing here
---
kind: Deployment
metadata: {name: x}
spec:
  image: quay.io/calico/node:v1
`
  const { objects, images } = readManifest(text)
  expect(objects.map(({ kind }) => kind)).toEqual(['DaemonSet', 'Deployment'])
  expect(images).toEqual(['quay.io/calico/node:v1', 'quay.io/calico/cni:v1'])
})

test('felix reports its flows on a cluster of ours; the rest of the manifest stays', () => {
  const object = (kind: string, name: string) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { template: { spec: { containers: [{ name, env: [{ name: 'A', value: 'b' }] }] } } },
  })
  const [node, other] = withFlowReporter([object('DaemonSet', 'calico-node'), object('Deployment', 'x')])
  expect(node!.spec.template.spec.containers[0].env).toContainEqual({
    name: 'FELIX_FLOWLOGSLOCALREPORTER',
    value: 'Enabled',
  })
  expect(other).toEqual(object('Deployment', 'x'))
})

test('a manifest that is no YAML is bad input', () => {
  expect(() => readManifest('a: [')).toThrow(expect.objectContaining({ code: 'bad-input' }))
})

test('the canary listens on every node and flips with Calico and without', () => {
  expect(canaryPods(place, ['n1', 'n2']).map(({ spec }) => spec.nodeName)).toEqual(['n1', 'n2', 'n1', 'n2'])
  expect(canaryPolicies(place, { calico: false, denies: true })).toMatchObject({
    apply: [{ kind: 'NetworkPolicy' }],
    remove: [],
  })
  expect(canaryPolicies(place, { calico: false, denies: false })).toMatchObject({
    apply: [],
    remove: [{ kind: 'NetworkPolicy' }],
  })
  const actions = (denies: boolean) =>
    canaryPolicies(place, { calico: true, denies }).apply.map(({ spec }) => spec.ingress?.[0].action)
  expect(actions(true)).toContain('Deny')
  expect(actions(false)).not.toContain('Deny')
})
