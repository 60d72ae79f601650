import type { IpVersion } from '../../cidr.ts'
import type { NftTable } from '../../kernel/index.ts'
import { dialledStatement } from '../flow-record.ts'
import { podNetworks } from '../network/index.ts'
import type { Endpoint, VirtualPort } from './virtual-port.ts'

/** kube-proxy's own mark: whom a node port has led to another node has to come back the same way. */
export const masqueradeMark = '0x4000'
export const markForMasquerade = 'mark-for-masquerade'

/** Whether a port has an endpoint for such traffic, where that may have to stay on the node. */
export function isPlaced({ endpoints, isLocal }: VirtualPort, way: Way, node: string): boolean {
  return isLocal[way] ? endpoints.some((endpoint) => endpoint.node === node) : endpoints.length > 0
}

type Way = 'internal' | 'external'

export function goTo(port: VirtualPort, way: Way): string {
  if (way === 'external') return `goto external-${port.title}`
  return `goto ${port.isLocal.internal ? 'local' : 'service'}-${port.title}`
}

export function keyOf({ address, protocol, port }: VirtualPort, of: string = address): string {
  return `${of} . ${protocol} . ${port}`
}

/**
 * Adds the chains of one virtual port: `service-` chooses among all endpoints, `local-` among this node's, `external-`
 * is for what comes to a node port, and each endpoint has a chain of its own that translates.
 */
export function addServicePort(rules: NftTable, port: VirtualPort, node: string): void {
  const { endpoints, isLocal, title } = port
  if (endpoints.length === 0) return
  const here = endpoints.filter((endpoint) => endpoint.node === node)
  const isExternal = port.nodePort !== undefined || port.externalAddresses.length > 0
  const usesLocal = isLocal.internal || (isExternal && isLocal.external)
  const usesAll = !isLocal.internal || isExternal
  if (usesAll) rules.chains.set(`service-${title}`, { lines: choose(port, endpoints) })
  if (usesLocal && here.length > 0) rules.chains.set(`local-${title}`, { lines: choose(port, here) })
  if (isExternal) rules.chains.set(`external-${title}`, { lines: externalLines(port, here.length > 0) })
  for (const endpoint of usesAll ? endpoints : here) addEndpoint(rules, port, endpoint)
}

/** What comes to a node port: kept on the node with its source, or sent to any endpoint under the node's address. */
function externalLines({ title, isLocal, family }: VirtualPort, isHere: boolean): string[] {
  if (!isLocal.external) return [`jump ${markForMasquerade}`, `goto service-${title}`]
  return [
    // What comes from the cluster itself stands for what an external balancer would have sent to any node.
    `${ip(family)} saddr ${podNetworks[family]} goto service-${title} comment "short-circuit pod traffic"`,
    `fib saddr type local jump ${markForMasquerade}`,
    `fib saddr type local goto service-${title} comment "short-circuit local traffic"`,
    ...(isHere ? [`goto local-${title}`] : []),
  ]
}

/** The endpoint that remembers the client; else any. */
function choose(port: VirtualPort, endpoints: Endpoint[]): string[] {
  const remembered = port.affinitySeconds === null ? [] : endpoints
  const vmap = endpoints.map((endpoint, index) => `${index} : goto ${endpointChain(port, endpoint)}`)
  return [
    ...remembered.map(
      (endpoint) =>
        `${ip(port.family)} saddr @${affinitySet(port, endpoint)} goto ${endpointChain(port, endpoint)}`,
    ),
    `numgen random mod ${endpoints.length} vmap { ${vmap.join(', ')} }`,
  ]
}

function addEndpoint(rules: NftTable, port: VirtualPort, endpoint: Endpoint): void {
  const { family, protocol, affinitySeconds } = port
  const target = family === 4 ? endpoint.address : `[${endpoint.address}]`
  const lines = [
    // An endpoint that reaches itself through its Service would not know its own answer: the node asks in its place.
    `${ip(family)} saddr ${endpoint.address} jump ${markForMasquerade}`,
    `meta l4proto ${protocol} ${dialledStatement} dnat to ${target}:${endpoint.port}`,
  ]
  if (affinitySeconds !== null) {
    const name = affinitySet(port, endpoint)
    const type = `ipv${family}_addr`
    rules.sets.set(name, {
      keyword: 'set',
      type,
      interval: false,
      timeoutSeconds: affinitySeconds,
      elements: [],
    })
    lines.splice(1, 0, `update @${name} { ${ip(family)} saddr }`)
  }
  rules.chains.set(endpointChain(port, endpoint), { lines })
}

function endpointChain({ title }: VirtualPort, { address, port }: Endpoint): string {
  return `endpoint-${title}__${named(address)}/${port}`
}

/** The time is part of the name, since a set cannot change it. */
function affinitySet({ title, affinitySeconds }: VirtualPort, { address, port }: Endpoint): string {
  return `affinity-${affinitySeconds}s-${title}__${named(address)}/${port}`
}

/** No name in nftables has a colon. */
function named(address: string): string {
  return address.replaceAll(':', '.')
}

function ip(family: IpVersion): string {
  return family === 4 ? 'ip' : 'ip6'
}
