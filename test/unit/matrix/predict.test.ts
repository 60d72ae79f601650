import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Edge, policyEngine, predict, viewOf } from '../../../src/matrix/index.ts'
import { pod, sampleObjects, service } from './sample-cluster.ts'

const denyAll: KubernetesObject = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny', namespace: 'shop' },
  spec: { selector: 'all()', types: ['Ingress', 'Egress'] },
}
const allowDns: KubernetesObject = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  metadata: { name: 'allow-dns', namespace: 'shop' },
  spec: {
    types: ['Egress'],
    egress: [
      {
        action: 'Allow',
        protocol: 'UDP',
        destination: { namespaceSelector: "projectcalico.org/name == 'kube-system'", ports: [53] },
      },
    ],
  },
}

test.each<[to: string, verdict: string | null, reason: RegExp]>([
  ['shop/web', 'allowed', /no policy governs it/],
  ['svc/shop/web', 'allowed', /no policy governs it/],
  ['svc/shop/empty', 'refused', /no ready endpoint/],
  ['name:web', 'allowed', /no policy governs it/],
  ['name:web.shop.svc.cluster.local', 'allowed', /no policy governs it/],
  ['name:other', 'dns-failure', /there is no Service other in shop; a pod's name is not in DNS/],
  ['name:client', 'allowed', /finds its own name in its \/etc\/hosts/],
  ['name:web.nowhere', null, /not known/],
  ['name:www.example.com', null, /not known/],
  ['dns:web', 'allowed', /Service shop\/web exists/],
  ['203.0.113.7', null, /who answers there is not known/],
  ['node/node-1', null, /who answers there is not known/],
  ['shop/nobody', null, /there is no pod shop\/nobody/],
  ['kube-system/kube-dns', 'allowed', /no policy governs it/],
])('without a policy, %s is predicted %s', (to, verdict, reason) => {
  const prediction = answer(to, [])
  expect(prediction.verdict).toBe(verdict)
  expect(prediction.reason).toMatch(reason)
})

test.each<[to: string, verdict: string | null, reason: RegExp]>([
  ['shop/web', 'dropped', /default-deny/],
  ['svc/shop/web', 'dropped', /default-deny/],
  ['name:web', 'dns-failure', /the DNS query is denied: .*default-deny/],
  ['dns:web', 'dns-failure', /the DNS query is denied/],
  ['203.0.113.7', 'dropped', /default-deny/],
])('behind a default deny, %s is predicted %s', (to, verdict, reason) => {
  const prediction = answer(to, [denyAll])
  expect(prediction.verdict).toBe(verdict)
  expect(prediction.reason).toMatch(reason)
})

test('with DNS allowed, a name resolves and its connection is dropped', () => {
  expect(answer('dns:web', [denyAll, allowDns]).verdict).toBe('allowed')
  expect(answer('name:web', [denyAll, allowDns])).toMatchObject({ verdict: 'dropped' })
})

test('both sides are there to explain, whichever decided', () => {
  const { sides } = answer('shop/web', [denyAll])
  expect(sides).toEqual([
    expect.stringMatching(/^egress of shop\/client: denied, end of tier default \(.*default-deny\)$/),
    expect.stringMatching(/^ingress of shop\/web: denied, end of tier default \(.*default-deny\)$/),
  ])
})

test('endpoints that policies treat unlike each other are not predicted', () => {
  const objects = [
    pod('shop/other', { ip: '192.168.0.3', labels: { app: 'other' } }),
    ...service('shop/both', {
      ip: '10.96.0.4',
      port: 80,
      endpoints: [
        ['shop/web', '192.168.0.2', 80],
        ['shop/other', '192.168.0.3', 80],
      ],
    }),
    {
      ...denyAll,
      metadata: { name: 'deny-other', namespace: 'shop' },
      spec: { selector: "app == 'other'", types: ['Ingress'] },
    },
  ]
  expect(answer('svc/shop/both', objects)).toMatchObject({
    verdict: null,
    reason: expect.stringContaining('not treated alike'),
  })
})

describe('a port of a node', () => {
  const from = (source: string): KubernetesObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'only', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from: [{ ipBlock: { cidr: `${source}/32` } }] }],
    },
  })

  test.each<[to: string, port: number, verdict: string | null, reason: RegExp]>([
    ['node/node-1', 30080, 'dropped', /NetworkPolicy shop\/only/],
    // Another node is asked under the own node's address, and answers in the name of its own towards node-1.
    ['node/node-2', 30080, 'allowed', /rule 0 \(allow\) of Kubernetes NetworkPolicy shop\/only/],
    ['172.18.0.3', 30080, 'allowed', /shop\/only/],
    ['node/node-1', 30081, 'refused', /the Service has no ready endpoint/],
    ['node/node-2', 30081, 'refused', /the Service has no ready endpoint/],
    ['node/node-1', 30082, null, /who answers there is not known/],
  ])('that leads to a Service: %s %d is predicted %s', (to, port, verdict, reason) => {
    const prediction = answer(to, [from('172.18.0.3')], port)
    expect(prediction.verdict).toBe(verdict)
    expect(prediction.reason).toMatch(reason)
  })

  test.each<[to: string, port: number, more: object, verdict: string | null, reason: RegExp]>([
    ['node/node-1', 8080, {}, 'allowed', /ingress of shop\/front: rule 0/],
    ['172.18.0.2', 8080, {}, 'allowed', /ingress of shop\/front: rule 0/],
    ['node/node-1', 8080, { hostIP: '172.18.0.9' }, null, /who answers there is not known/],
    ['node/node-1', 8080, { protocol: 'UDP' }, null, /who answers there is not known/],
    ['node/node-2', 8080, {}, null, /who answers there is not known/],
    ['node/node-1', 30080, { hostPort: 30080 }, 'allowed', /ingress of shop\/web: rule 0/],
  ])('that leads to a pod: %s %d, %j is predicted %s', (to, port, more, verdict, reason) => {
    const front = pod('shop/front', { ip: '192.168.0.7', labels: { app: 'web' } })
    front.spec.containers[0].ports = [{ containerPort: 80, hostPort: 8080, ...more }]
    const prediction = answer(to, [front, from('192.168.0.1')], port)
    expect(prediction.verdict).toBe(verdict)
    expect(prediction.reason).toMatch(reason)
  })

  test('that a pod on the network of its node listens on is that pod', () => {
    const agent = pod('shop/agent', { ip: '172.18.0.2', labels: { app: 'web' } })
    agent.spec.hostNetwork = true
    agent.spec.containers[0].ports = [{ containerPort: 9100, hostPort: 9100 }]
    expect(answer('node/node-1', [agent, from('203.0.113.1')], 9100)).toMatchObject({ verdict: 'allowed' })
    expect(answer('node/node-1', [agent, denyAll], 9100)).toMatchObject({ verdict: 'dropped' })
  })

  test('of another node is reached only where the own policies let it out', () => {
    expect(answer('node/node-2', [denyAll], 30081)).toMatchObject({ verdict: 'dropped' })
    expect(answer('node/node-1', [denyAll], 30081)).toMatchObject({ verdict: 'refused' })
  })

  test('that keeps to its node is the Service itself to a pod there, and known elsewhere if all pods are there', () => {
    const [serviceObject, slice] = service('shop/near', {
      ip: '10.96.0.5',
      port: 80,
      nodePort: 30085,
      local: true,
      endpoints: [['shop/web', '192.168.0.2', 80]],
    }) as [KubernetesObject, KubernetesObject]
    const moved = { ...slice, endpoints: [{ ...slice.endpoints[0], nodeName: 'node-2' }] }
    expect(answer('node/node-1', [serviceObject, slice, from('192.168.0.1')], 30085).verdict).toBe('allowed')
    expect(answer('node/node-1', [serviceObject, moved], 30085).verdict).toBe('allowed')
    expect(answer('node/node-2', [serviceObject, moved], 30085).verdict).toBe('allowed')
    expect(answer('node/node-2', [serviceObject, slice], 30085).verdict).toBe(null)
  })
})

function answer(to: string, more: KubernetesObject[], portAsked = 80) {
  const view = viewOf([...sampleObjects, ...more])
  const isDns = to.startsWith('dns:') || to.endsWith('kube-dns')
  const edge: Edge = {
    from: 'shop/client',
    to,
    protocol: isDns ? 'UDP' : 'TCP',
    port: isDns ? 53 : portAsked,
  }
  return predict(view, [edge], policyEngine(view))[0]!
}
