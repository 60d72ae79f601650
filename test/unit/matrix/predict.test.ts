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

function answer(to: string, more: KubernetesObject[]) {
  const view = viewOf([...sampleObjects, ...more])
  const isDns = to.startsWith('dns:') || to.endsWith('kube-dns')
  const edge: Edge = { from: 'shop/client', to, protocol: isDns ? 'UDP' : 'TCP', port: isDns ? 53 : 80 }
  return predict(view, [edge], policyEngine(view))[0]!
}
