import type { IpVersion } from '../../../src/cidr.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Edge, policyEngine, predict, viewOf } from '../../../src/matrix/index.ts'
import { planProbes } from '../../../src/matrix/plan.ts'

const objects: KubernetesObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: {
      addresses: [
        { type: 'InternalIP', address: '172.18.0.2' },
        { type: 'InternalIP', address: 'fc00::2' },
      ],
    },
  },
  pod('web', ['192.168.8.1', 'fd00::1']),
  pod('client', ['192.168.8.2', 'fd00::2']),
  pod('old', ['192.168.8.3']),
  service('dual', ['10.96.0.7', 'fd00:10:96::7'], ['IPv4', 'IPv6']),
  service('single', ['10.96.0.8'], ['IPv4']),
  ...['dual', 'single'].map((name) => slice(name, 'IPv4', '192.168.8.1')),
  slice('dual', 'IPv6', 'fd00::1'),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'six-alone', namespace: 'shop' },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: 'fd00::/64' } }] }],
    },
  },
]

const edges = (...targets: string[]): Edge[] =>
  targets.map((to) => ({ from: 'shop/client', to, protocol: 'TCP', port: 80 }))
const hosts = (version: IpVersion | null, ...targets: string[]) =>
  planProbes({
    view: viewOf(objects, version),
    edges: edges(...targets),
    timeoutMs: 1,
    protocols: ['TCP'],
  }).edges.map(({ target, obstacle }) => target?.host ?? obstacle?.reason)
const verdicts = (version: IpVersion | null, ...targets: string[]) => {
  const view = viewOf(objects, version)
  return predict(view, edges(...targets), policyEngine(view)).map(({ verdict }) => verdict)
}

test('without a family each pod, Service and node is dialled at its first address', () => {
  expect(hosts(null, 'shop/web', 'svc/shop/dual', 'node/node-1')).toEqual([
    '192.168.8.1',
    '10.96.0.7',
    '172.18.0.2',
  ])
})

test('with a family at its address of that family; where it has none, that is said', () => {
  expect(
    hosts(6, 'shop/web', 'svc/shop/dual', 'node/node-1', 'shop/old', 'svc/shop/single', 'name:dual'),
  ).toEqual([
    'fd00::1',
    'fd00:10:96::7',
    'fc00::2',
    'pod shop/old has no IPv6 address',
    'Service shop/single has no IPv6 address',
    "a name is dialled at the address that the pod's resolver gives first",
  ])
})

test('policies are asked for packets of that family', () => {
  expect(verdicts(null, 'shop/web', 'svc/shop/dual')).toEqual(['dropped', 'dropped'])
  expect(verdicts(4, 'shop/web', 'svc/shop/dual')).toEqual(['dropped', 'dropped'])
  expect(verdicts(6, 'shop/web', 'svc/shop/dual')).toEqual(['allowed', 'allowed'])
})

function pod(name: string, addresses: string[]): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'agnhost' }] },
    status: { phase: 'Running', podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) },
  }
}

function service(name: string, clusterIPs: string[], ipFamilies: string[]): KubernetesObject {
  const spec = { clusterIP: clusterIPs[0], clusterIPs, ipFamilies, ports: [{ port: 80 }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec }
}

function slice(service: string, addressType: string, address: string): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${addressType}`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType,
    ports: [{ port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], targetRef: { kind: 'Pod', namespace: 'shop', name: 'web' } }],
  }
}
