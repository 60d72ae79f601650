import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { make } from '../../unit/policy/small-cluster.ts'
import type { Random } from './random.ts'

export const namespaces = ['x', 'y', 'z']
export const portNumbers = [53, 80, 81, 443]
export const portNames = ['http', 'dns', 'alt']
export const values = ['red', 'blue', 'web', 'db']
export const labelKeys = ['team', 'role', 'env']
const nodes = ['n1', 'n2']
export const outside = ['203.0.113.7', '203.0.113.200', '8.8.8.8']
export const outsideSix = ['2001:db8::7', 'fd99::1']

/** Three namespaces, nine pods of two families, a host-network pod on each of two nodes, sets, hosts, Services, pools. */
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
    ...nodes.map((node, index) => hostPod(node, index + 2)),
    ...randomNodes(random),
    ...randomSets(random),
    ...nodes.flatMap((node, index) => randomHosts(random, node, index + 2)),
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
  return [
    ...namespaces.map((namespace) => set('NetworkSet', 'set', namespace)),
    set('GlobalNetworkSet', 'global'),
  ]
}

/** Nodes with a tunnel, in one network or in two, and perhaps a pool that says when the tunnel is used. */
function randomNodes(random: Random): KubernetesObject[] {
  const prefix = random.pick([24, 32])
  const annotations = (host: number) => ({
    'projectcalico.org/IPv4Address': `172.18.0.${host}/${prefix}`,
    'projectcalico.org/IPv4VXLANTunnelAddr': `10.0.0.${100 + host}`,
  })
  const made = nodes.map((name, index) => {
    const addresses = [`172.18.0.${index + 2}`, `fc00::${index + 2}`].map((address) => ({ address }))
    return make('v1', 'Node', { name, annotations: annotations(index + 2) }, { status: { addresses } })
  })
  if (random.chance(0.5)) return made
  const spec = {
    cidr: '10.0.0.0/8',
    vxlanMode: random.pick(['Always', 'CrossSubnet', 'Never']),
    natOutgoing: random.chance(0.5),
  }
  return [...made, make('projectcalico.org/v3', 'IPPool', { name: 'pool' }, { spec })]
}

/** HostEndpoints of a node: none, or one or two, for one interface or for all. */
function randomHosts(random: Random, node: string, host: number): KubernetesObject[] {
  const own = [`172.18.0.${host}`, `fc00::${host}`]
  return many(random, 2, () => {
    const ports = many(random, 2, () => ({
      name: random.pick(portNames),
      protocol: random.pick(['TCP', 'UDP']),
      port: random.pick(portNumbers),
    }))
    const interfaceName = random.pick(['eth0', '*', '*', undefined])
    const expectedIPs = random.pick([
      own,
      host === 2 ? [...own, '203.0.113.200'] : own,
      ...(interfaceName ? [[]] : []),
    ])
    const profiles = random.pick([
      ['kns.x'],
      ['projectcalico-default-allow'],
      [],
      ['ksa.x.front', 'kns.nowhere'],
    ])
    const spec = { node, expectedIPs, profiles, ports, ...(interfaceName ? { interfaceName } : {}) }
    const name = `${random.pick(['a', 'b'])}-${node}`
    return make('projectcalico.org/v3', 'HostEndpoint', { name, labels: randomLabels(random) }, { spec })
  }).filter(
    ({ metadata }, index, all) => all.findIndex((one) => one.metadata.name === metadata.name) === index,
  )
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
