import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { make } from '../../unit/policy/small-cluster.ts'
import type { Random } from './random.ts'

export const namespaces = ['x', 'y', 'z']
export const portNumbers = [53, 80, 81, 443]
export const portNames = ['http', 'dns', 'alt']
export const values = ['red', 'blue', 'web', 'db']
export const labelKeys = ['team', 'role', 'env']
export const outside = ['203.0.113.7', '203.0.113.200', '8.8.8.8']
export const outsideSix = ['2001:db8::7', 'fd99::1']

/** Three namespaces, nine pods of two families, a host-network pod on each node, sets, hosts, Services. */
export function randomCluster(random: Random): KubernetesObject[] {
  const pods = Array.from({ length: 9 }, (_, index) => randomPod(random, index))
  return [
    ...namespaces.map((name) => make('v1', 'Namespace', { name, labels: randomLabels(random) })),
    ...namespaces.flatMap((namespace) =>
      ['front', 'back'].map((name) =>
        make('v1', 'ServiceAccount', { name, namespace, labels: randomLabels(random) }),
      ),
    ),
    ...pods,
    ...['n1', 'n2'].map((node, index) => hostPod(node, index + 2)),
    ...randomSets(random),
    ...namespaces.map((namespace) => endpointSlice(random, namespace, random.pick(pods))),
  ]
}

export function randomLabels(random: Random): Record<string, string> {
  const keys = labelKeys.filter(() => random.chance(0.6))
  return Object.fromEntries(keys.map((key) => [key, random.pick(values)]))
}

export function randomNet(random: Random, six = false): string {
  const four = [
    '10.0.0.0/8',
    '10.0.0.0/29',
    '10.0.0.4/30',
    '10.0.0.3/32',
    '203.0.113.0/24',
    '203.0.113.0/25',
    '0.0.0.0/1',
  ]
  return random.pick(six ? ['fd00::/64', 'fd00::4/126', '2001:db8::/32', '::/1'] : four)
}

function randomPod(random: Random, index: number): KubernetesObject {
  const ports = portNames
    .filter(() => random.chance(0.6))
    .map((name) => ({
      name,
      containerPort: random.pick(portNumbers),
      protocol: random.pick(['TCP', 'TCP', 'UDP', 'SCTP']),
    }))
  const metadata = { namespace: namespaces[index % 3]!, name: `p${index}`, labels: randomLabels(random) }
  const spec = {
    nodeName: random.pick(['n1', 'n2']),
    serviceAccountName: random.pick(['front', 'back']),
    containers: [{ name: 'main', ports }],
  }
  return make('v1', 'Pod', metadata, {
    spec,
    status: { podIPs: [{ ip: `10.0.0.${index + 1}` }, { ip: `fd00::${index + 1}` }] },
  })
}

function hostPod(nodeName: string, host: number): KubernetesObject {
  const status = { podIPs: [{ ip: `172.18.0.${host}` }, { ip: `fc00::${host}` }] }
  const spec = { nodeName, hostNetwork: true, serviceAccountName: 'front', containers: [] }
  return make(
    'v1',
    'Pod',
    { namespace: 'x', name: `host-${nodeName}`, labels: { role: 'web' } },
    { spec, status },
  )
}

function randomSets(random: Random): KubernetesObject[] {
  const set = (kind: string, name: string, namespace?: string) =>
    make(
      'projectcalico.org/v3',
      kind,
      { name, ...(namespace ? { namespace } : {}), labels: randomLabels(random) },
      { spec: { nets: [randomNet(random), randomNet(random, true)] } },
    )
  const ports = many(random, 2, () => ({
    name: random.pick(portNames),
    protocol: random.pick(['TCP', 'UDP']),
    port: random.pick(portNumbers),
  }))
  const host = {
    spec: {
      node: 'n1',
      interfaceName: 'eth0',
      expectedIPs: ['203.0.113.200', '172.18.0.2'],
      profiles: ['kns.x'],
      ports,
    },
  }
  return [
    ...namespaces.map((namespace) => set('NetworkSet', 'set', namespace)),
    set('GlobalNetworkSet', 'global'),
    make('projectcalico.org/v3', 'HostEndpoint', { name: 'host', labels: randomLabels(random) }, host),
  ]
}

export function many<Item>(random: Random, most: number, make: () => Item): Item[] {
  return Array.from({ length: random.below(most + 1) }, make)
}

function endpointSlice(random: Random, namespace: string, pod: KubernetesObject): KubernetesObject {
  const labels = { 'kubernetes.io/service-name': 'svc' }
  const ports = [{ protocol: random.pick(['TCP', 'UDP']), port: random.pick(portNumbers) }]
  const endpoints = [{ addresses: [pod.status.podIPs[0].ip] }]
  return make(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { namespace, name: 'svc-1', labels },
    { endpoints, ports },
  )
}
