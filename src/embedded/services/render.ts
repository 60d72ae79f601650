import type { IpVersion } from '../../cidr.ts'
import type { NftSet, NftTable } from '../../kernel/index.ts'
import { serviceNetworks } from '../network/index.ts'
import { addServicePort, goTo, isPlaced, keyOf, markForMasquerade, masqueradeMark } from './service-chains.ts'
import type { VirtualPort } from './virtual-port.ts'

/** Family and name of the table, as kube-proxy calls it. */
export function serviceTable(family: IpVersion): string {
  return `${family === 4 ? 'ip' : 'ip6'} kube-proxy`
}

/**
 * The Service rules of one node in one family, with the names and the meaning of kube-proxy's nftables mode. Connections
 * that are established keep their translation (conntrack). Policy sees the endpoint's address, not the Service's:
 * destination NAT happens before the forward hook.
 */
export function renderServices(ports: VirtualPort[], family: IpVersion, node: string): NftTable {
  const rules: NftTable = { counters: new Map(), sets: new Map(), chains: new Map() }
  const own = ports.filter((port) => port.family === family)
  addMaps(rules, own, { family, node })
  addBaseChains(rules, family)
  for (const port of own) addServicePort(rules, port, node)
  return rules
}

/** Who leads where, and who is refused: reject where there is no endpoint at all, drop where a policy forbids all. */
function addMaps(
  rules: NftTable,
  ports: VirtualPort[],
  { family, node }: { family: IpVersion; node: string },
): void {
  const { address, servicePort, nodePort } = keyTypes(family)
  const served = ports.filter(({ endpoints }) => endpoints.length > 0)
  const internal = served.filter((port) => isPlaced(port, 'internal', node))
  const onNode = ports.filter((port) => port.nodePort)
  const add = (name: string, type: string, elements: string[]) => {
    const isMap = type.endsWith('verdict')
    const set: NftSet = { keyword: isMap ? 'map' : 'set', type, interval: false, elements: elements.sort() }
    rules.sets.set(name, set)
  }
  const refusal = (port: VirtualPort) => (port.endpoints.length > 0 ? 'drop' : 'goto reject-chain')
  const externals = (list: VirtualPort[]) =>
    list.flatMap((port) => port.externalAddresses.map((each) => ({ port, key: keyOf(port, each) })))
  add('service-ips', `${servicePort} : verdict`, [
    ...internal.map((port) => `${keyOf(port)} : ${goTo(port, 'internal')}`),
    ...externals(served).map(({ port, key }) => `${key} : ${goTo(port, 'external')}`),
  ])
  add('no-endpoint-services', `${servicePort} : verdict`, [
    ...ports
      .filter((port) => !isPlaced(port, 'internal', node))
      .map((port) => `${keyOf(port)} : ${refusal(port)}`),
    ...externals(ports.filter((port) => !isPlaced(port, 'external', node))).map(
      ({ port, key }) => `${key} : ${refusal(port)}`,
    ),
  ])
  const nodeKey = (port: VirtualPort) => `${port.protocol} . ${port.nodePort}`
  add(
    'service-nodeports',
    `${nodePort} : verdict`,
    onNode
      .filter(({ endpoints }) => endpoints.length > 0)
      .map((port) => `${nodeKey(port)} : ${goTo(port, 'external')}`),
  )
  add(
    'no-endpoint-nodeports',
    `${nodePort} : verdict`,
    onNode
      .filter((port) => !isPlaced(port, 'external', node))
      .map((port) => `${nodeKey(port)} : ${refusal(port)}`),
  )
  add('cluster-ips', address, [...new Set(ports.map((port) => port.address))])
}

function keyTypes(family: IpVersion) {
  const address = `ipv${family}_addr`
  return {
    address,
    servicePort: `${address} . inet_proto . inet_service`,
    nodePort: 'inet_proto . inet_service',
  }
}

function addBaseChains(rules: NftTable, family: IpVersion): void {
  const ip = family === 4 ? 'ip' : 'ip6'
  const loopback = family === 4 ? '127.0.0.0/8' : '::1'
  const add = (name: string, lines: string[], hook?: string) => rules.chains.set(name, { hook, lines })
  const base = (name: string, hook: string, lines: string[]) => add(name, lines, `${hook}; policy accept;`)
  const service = `${ip} daddr . meta l4proto . th dport`
  const isMarked = `meta mark & ${masqueradeMark}`
  add(markForMasquerade, [`meta mark set meta mark | ${masqueradeMark}`])
  add('masquerading', [
    `${isMarked} == 0 return`,
    `meta mark set meta mark ^ ${masqueradeMark}`,
    'masquerade fully-random',
  ])
  add('services', [
    `${service} vmap @service-ips`,
    `fib daddr type local ${ip} daddr != ${loopback} meta l4proto . th dport vmap @service-nodeports`,
  ])
  // In IPv6 a client that is answered before its connect() has gone to sleep would take ICMP for a passing trouble.
  add('reject-chain', [...(family === 6 ? ['meta l4proto tcp reject with tcp reset'] : []), 'reject'])
  add('service-endpoints-check', [`${service} vmap @no-endpoint-services`])
  add('nodeport-endpoints-check', [
    `fib daddr type local meta l4proto . th dport vmap @no-endpoint-nodeports`,
  ])
  add('cluster-ips-check', [
    `${ip} daddr @cluster-ips goto reject-chain comment "a port that its Service does not have"`,
    `${ip} daddr ${serviceNetworks[family]} drop comment "an address that no Service has"`,
  ])
  const endpoints = 'ct state new jump service-endpoints-check'
  const clusterIps = 'ct state new jump cluster-ips-check'
  base('nat-prerouting', 'type nat hook prerouting priority dstnat', ['jump services'])
  base('nat-output', 'type nat hook output priority -100', ['jump services'])
  base('nat-postrouting', 'type nat hook postrouting priority srcnat', ['jump masquerading'])
  base('filter-input', 'type filter hook input priority -110', [
    'ct state new jump nodeport-endpoints-check',
    endpoints,
  ])
  base('filter-forward', 'type filter hook forward priority -110', [endpoints, clusterIps])
  base('filter-output', 'type filter hook output priority -110', [endpoints])
  base('filter-output-post-dnat', 'type filter hook output priority -90', [clusterIps])
}
