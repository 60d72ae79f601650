import {
  type ClusterPods,
  preference,
  refusalOf,
} from '../../../../src/embedded/controllers/scheduling/index.ts'
import { requestsOf } from '../../../../src/embedded/controllers/scheduling/requests.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { object } from '../api/harness.ts'

const node = (name: string, changes: object = {}): KubernetesObject =>
  object(
    'v1',
    'Node',
    { name, labels: { zone: name === 'a' ? 'east' : 'west', host: name } },
    {
      spec: {},
      status: {
        allocatable: { cpu: '1', memory: '1Gi', pods: '3' },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
      ...changes,
    },
  )
const pod = (app: string, spec: object = {}): KubernetesObject =>
  object(
    'v1',
    'Pod',
    { name: app, namespace: 'shop', labels: { app } },
    { spec: { containers: [{}], ...spec } },
  )
const requests = (cpu: string) => ({ containers: [{ resources: { requests: { cpu } } }] })
const whyNot = (of: KubernetesObject, where: ClusterPods[number], all: ClusterPods) =>
  refusalOf(of, where, all)?.reasons ?? []
const place = (of: KubernetesObject, ...pods: KubernetesObject[]) => ({ node: of, pods })
const like = (app: string) => ({ labelSelector: { matchLabels: { app } }, topologyKey: 'zone' })
const required = (kind: string, term: object) => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
})

test.each([
  ['what is free', requests('500m'), [], []],
  ['more than is free', requests('1500m'), [], ['Insufficient cpu']],
  ['what others have taken', requests('600m'), [pod('x', requests('500m'))], ['Insufficient cpu']],
  ['one pod more than a node may have', {}, [pod('1'), pod('2'), pod('3')], ['Too many pods']],
])('a pod that asks for %s', (_title, spec, others, reasons) => {
  const here = place(node('a'), ...others)
  expect(whyNot(pod('web', spec), here, [here])).toEqual(reasons)
})

const asking = (port: object) => ({ containers: [{ ports: [{ containerPort: 80, hostPort: 80, ...port }] }] })

test.each([
  ['that another has', {}, {}, true],
  ['of which another has the number for UDP', {}, { protocol: 'UDP' }, false],
  ['at an address, where another has it at all', { hostIP: '172.18.0.2' }, {}, true],
  ['at all, where another has it at one address', { hostIP: '0.0.0.0' }, { hostIP: '172.18.0.2' }, true],
  ['at one address, where another has it there', { hostIP: '172.18.0.2' }, { hostIP: '172.18.0.2' }, true],
  [
    'at one address, where another has it elsewhere',
    { hostIP: '172.18.0.2' },
    { hostIP: '127.0.0.1' },
    false,
  ],
  ['that is only named', { hostPort: undefined }, {}, false],
])('a pod that asks for a port of the node %s', (_title, port, taken, isRefused) => {
  const here = place(node('a'), pod('x', asking(taken)))
  expect(whyNot(pod('web', asking(port)), here, [here])).toEqual(
    isRefused ? ["node(s) didn't have free ports for the requested pod ports"] : [],
  )
})

test('a sidecar keeps its ports as long as the pod is there, an init container that ends does not', () => {
  const [init] = asking({}).containers
  const beside = (container: object) =>
    place(node('a'), pod('x', { containers: [{}], initContainers: [container] }))
  const [kept, free] = [beside({ ...init, restartPolicy: 'Always' }), beside(init!)]
  expect(whyNot(pod('web', asking({})), kept, [kept])).toHaveLength(1)
  expect(whyNot(pod('web', asking({})), free, [free])).toEqual([])
})

test('a taint keeps away whom does not tolerate it', () => {
  const tainted = place(
    node('a', { ...node('a'), spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }),
  )
  expect(whyNot(pod('web'), tainted, [tainted])).toEqual(['node(s) had untolerated taint(s)'])
  const tolerations = [{ key: 'k', operator: 'Equal', value: 'v' }]
  expect(whyNot(pod('web', { tolerations }), tainted, [tainted])).toEqual([])
})

test('a pod wants to be beside others, or far from them, by the topology of nodes', () => {
  const [east, west] = [place(node('a'), pod('db')), place(node('b'))]
  const all = [east, west]
  const beside = pod('web', required('podAffinity', like('db')))
  expect(all.map((each) => whyNot(beside, each, all))).toEqual([
    [],
    ["node(s) didn't match pod affinity rules"],
  ])
  const apart = pod('web', required('podAntiAffinity', like('db')))
  expect(whyNot(apart, east, all)).toEqual(["node(s) didn't match pod anti-affinity rules"])
  expect(whyNot(apart, west, all)).toEqual([])
})

test('a pod that is there may want another to stay away', () => {
  const shy = pod('db', required('podAntiAffinity', like('web')))
  const all = [place(node('a'), shy), place(node('b'))]
  expect(whyNot(pod('web'), all[0]!, all)).toEqual([
    "node(s) didn't satisfy existing pods anti-affinity rules",
  ])
})

test('the first of a group that wants to be together goes anywhere', () => {
  const all = [place(node('a')), place(node('b'))]
  expect(whyNot(pod('web', required('podAffinity', like('web'))), all[0]!, all)).toEqual([])
})

test('pods spread over the domains of a topology', () => {
  const constraint = { maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...like('web') }
  const all = [place(node('a'), pod('web')), place(node('b'))]
  const next = pod('web', { topologySpreadConstraints: [constraint] })
  expect(whyNot(next, all[0]!, all)).toEqual(["node(s) didn't match pod topology spread constraints"])
  expect(whyNot(next, all[1]!, all)).toEqual([])
})

test('what a pod prefers makes one node better than another', () => {
  const all = [place(node('a'), pod('db')), place(node('b'))]
  const term = { weight: 10, podAffinityTerm: like('db') }
  const spec = { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term] } } }
  expect(all.map((each) => preference(pod('web', spec), each, all))).toEqual([10, 0])
})

test('an init container needs its share only while nothing else runs; a sidecar all the time', () => {
  const cpu = (value: string, more: object = {}) => ({ resources: { requests: { cpu: value } }, ...more })
  const containers = [cpu('100m')]
  expect(requestsOf(pod('x', { containers, initContainers: [cpu('500m')] })).cpu).toBeCloseTo(0.5)
  const sidecar = cpu('200m', { restartPolicy: 'Always' })
  expect(requestsOf(pod('x', { containers, initContainers: [sidecar] })).cpu).toBeCloseTo(0.3)
})
