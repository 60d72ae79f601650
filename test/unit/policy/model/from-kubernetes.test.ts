import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { admit } from '../../../../src/policy/index.ts'
import { fromKubernetesPolicy } from '../../../../src/policy/model/from-kubernetes.ts'
import { selectorText } from '../../../../src/policy/selector.ts'
import { calico, knp } from '../small-cluster.ts'

function draftOf(object: KubernetesObject) {
  const { object: admitted, problems } = admit(object)
  expect(problems).toEqual([])
  return fromKubernetesPolicy(admitted)
}

function ingress(...rules: object[]) {
  return draftOf(knp({ ingress: rules })).ingress!
}

test('what a policy is, and where it stands', () => {
  expect(draftOf(knp({}))).toMatchObject({
    ref: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace: 'x',
      name: 'k',
      tier: 'default',
    },
    calicoKind: 'KubernetesNetworkPolicy',
    order: 1000,
    staged: false,
    ingress: [],
    egress: null,
  })
  const staged = calico('StagedKubernetesNetworkPolicy', { name: 's' }, { policyTypes: ['Egress'] })
  expect(draftOf(staged)).toMatchObject({
    ref: { namespace: 'default', tier: 'default' },
    calicoKind: 'StagedKubernetesNetworkPolicy',
    staged: true,
    ingress: null,
    egress: [],
  })
})

test('it applies to pods of its namespace alone', () => {
  expect(selectorText(draftOf(knp({})).subject)).toBe(
    '(projectcalico.org/orchestrator == "k8s" && app == "a" && projectcalico.org/namespace == "x")',
  )
})

const everyX = '(projectcalico.org/orchestrator == "k8s" && projectcalico.org/namespace == "x")'

test.each([
  [{ podSelector: {} }, everyX],
  [
    { podSelector: { matchLabels: { app: 'b' } } },
    '(projectcalico.org/orchestrator == "k8s" && app == "b" && projectcalico.org/namespace == "x")',
  ],
  [
    { namespaceSelector: {} },
    '(projectcalico.org/orchestrator == "k8s" && has(projectcalico.org/namespace))',
  ],
  [
    {
      namespaceSelector: {
        matchLabels: { team: 'a' },
        matchExpressions: [
          { key: 'b', operator: 'In', values: ['1', '2'] },
          { key: 'c', operator: 'NotIn', values: ['3'] },
          { key: 'd', operator: 'Exists' },
          { key: 'e', operator: 'DoesNotExist' },
        ],
      },
      podSelector: { matchLabels: { app: 'b' } },
    },
    '(projectcalico.org/orchestrator == "k8s" && app == "b" && (pcns.team == "a" && pcns.b in {"1", "2"} && pcns.c not in {"3"} && has(pcns.d) && !has(pcns.e)))',
  ],
])('the peer %j', (peer, text) => {
  const [rule] = ingress({ from: [peer] })
  expect(selectorText(rule!.source.selector!)).toBe(text)
  expect(rule!.destination).toEqual({ ports: undefined })
})

test('blocks, and what they leave out', () => {
  const except = ['10.1.0.0/16']
  const [rule] = ingress({ from: [{ ipBlock: { cidr: '10.0.0.0/8', except } }] })
  expect(rule!.source).toEqual({ nets: ['10.0.0.0/8'], notNets: except })
})

test.each([[undefined], [[]]])('a rule whose peers are %j speaks of everybody', (from) => {
  expect(ingress({ from })).toEqual([
    { action: 'allow', index: 0, protocol: undefined, source: {}, destination: { ports: undefined } },
  ])
})

test('ports by protocol; one that has none takes every port of its protocol', () => {
  const ports = [
    { port: 80 },
    { protocol: 'UDP' },
    { protocol: 'UDP', port: 53 },
    { port: 8000, endPort: 8100 },
    { protocol: 'TCP', port: 'http' },
  ]
  expect(
    ingress({}, { ports }).map(({ index, protocol, destination }) => [index, protocol, destination]),
  ).toEqual([
    [0, undefined, { ports: undefined }],
    [1, 6, { ports: [{ first: 80, last: 80 }, { first: 8000, last: 8100 }, 'http'] }],
    [1, 17, { ports: [] }],
  ])
})

test('egress has its peers and ports at the same end', () => {
  const { egress } = draftOf(knp({ egress: [{ to: [{ podSelector: {} }], ports: [{ port: 1 }] }] }))
  const [{ source, destination }] = egress as [NonNullable<typeof egress>[number]]
  expect(source).toEqual({})
  expect([selectorText(destination.selector!), destination.ports]).toEqual([everyX, [{ first: 1, last: 1 }]])
})
