import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { admit } from '../../../../src/policy/index.ts'
import { fromClusterPolicy } from '../../../../src/policy/model/from-cluster-policy.ts'
import { selectorText } from '../../../../src/policy/selector.ts'
import { cnp, inNamespace } from '../small-cluster.ts'

const everyPod = '(projectcalico.org/orchestrator == "k8s" && has(projectcalico.org/namespace))'

function draftOf(spec: object) {
  const { object, problems } = admit(cnp({ ...spec }), { experimental: true })
  expect(problems).toEqual([])
  return fromClusterPolicy(object as KubernetesObject)
}

function egress(...rules: object[]) {
  return draftOf({ egress: rules.map((rule) => ({ action: 'Deny', to: [{ namespaces: {} }], ...rule })) })
    .egress!
}

test('what a policy is, and where it stands', () => {
  expect(draftOf({})).toMatchObject({
    ref: { kind: 'ClusterNetworkPolicy', namespace: null, name: 'c', tier: 'kube-admin' },
    calicoKind: 'KubernetesClusterNetworkPolicy',
    order: 10,
    staged: false,
    ingress: null,
    egress: null,
  })
  expect(draftOf({ tier: 'Baseline', priority: 0, ingress: [], egress: [] })).toMatchObject({
    ref: { tier: 'kube-baseline' },
    order: 0,
    ingress: null,
    egress: null,
  })
})

test.each([
  [{ namespaces: {} }, everyPod],
  [
    { namespaces: { matchLabels: { team: 'a' } } },
    '(projectcalico.org/orchestrator == "k8s" && pcns.team == "a")',
  ],
  [
    { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'b' } } } },
    '(projectcalico.org/orchestrator == "k8s" && app == "b" && has(projectcalico.org/namespace))',
  ],
])('the subject %j', (subject, text) => {
  expect(selectorText(draftOf({ subject }).subject)).toBe(text)
})

test('peers stand at the far end, under the index of their rule', () => {
  const from = [
    { namespaces: inNamespace('y') },
    { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'b' } } } },
  ]
  const { ingress } = draftOf({
    ingress: [
      { action: 'Accept', from },
      { action: 'Pass', from: [from[0]] },
    ],
  })
  expect(
    ingress!.map(({ action, index, source, destination }) => [
      action,
      index,
      selectorText(source.selector!),
      destination,
    ]),
  ).toEqual([
    ['allow', 0, 'pcns.kubernetes.io/metadata.name == "y"', { ports: undefined }],
    [
      'allow',
      0,
      '(projectcalico.org/orchestrator == "k8s" && app == "b" && has(projectcalico.org/namespace))',
      { ports: undefined },
    ],
    ['pass', 1, 'pcns.kubernetes.io/metadata.name == "y"', { ports: undefined }],
  ])
})

test('protocols and ports, each with every peer', () => {
  const range = { start: 80, end: 90 }
  const protocols = [
    { tcp: { destinationPort: { number: 443 } } },
    { udp: { destinationPort: { range } } },
    { sctp: { destinationPort: { number: 9 } } },
    { destinationNamedPort: 'http' },
  ]
  const to = [{ networks: ['10.0.0.0/8', 'fd00::/8'] }, { namespaces: {} }]
  expect(egress({ to, protocols }).map(({ protocol, destination }) => [protocol, destination.ports])).toEqual(
    [
      [6, [{ first: 443, last: 443 }]],
      [6, [{ first: 443, last: 443 }]],
      [17, [{ first: 80, last: 90 }]],
      [17, [{ first: 80, last: 90 }]],
      [132, [{ first: 9, last: 9 }]],
      [132, [{ first: 9, last: 9 }]],
      [undefined, ['http']],
      [undefined, ['http']],
    ],
  )
  const { ingress } = draftOf({ ingress: [{ action: 'Deny', from: [{ namespaces: {} }], protocols }] })
  expect(
    ingress!.map(({ protocol, source, destination }) => [protocol, source.ports, destination.ports]),
  ).toEqual([
    [6, undefined, [{ first: 443, last: 443 }]],
    [17, undefined, [{ first: 80, last: 90 }]],
    [132, undefined, [{ first: 9, last: 9 }]],
    [undefined, undefined, ['http']],
  ])
  expect(egress({ to })[0]).toEqual({
    action: 'deny',
    index: 0,
    protocol: undefined,
    source: {},
    destination: { nets: ['10.0.0.0/8', 'fd00::/8'], ports: undefined },
  })
})

test('a peer that nobody enforces closes: Accept is left out, the others deny everything', () => {
  const to = [{ namespaces: {} }, { nodes: {} }]
  expect(egress({ action: 'Accept', to }, { action: 'Deny', to }, { action: 'Pass', to })).toEqual([
    { action: 'deny', index: 1, source: {}, destination: {} },
    { action: 'deny', index: 2, source: {}, destination: {} },
  ])
})
