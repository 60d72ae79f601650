import { cidrContains, parseAddress, parseCidr } from '../../../src/cidr.ts'
import type { Direction, LoweredRule, PeerMatch, RuleTable } from '../../../src/policy/index.ts'

/** A packet of a new connection as the kernel sees it. */
export interface Packet {
  source: string
  destination: string
  protocol: number
  sourcePort: number
  port: number
  icmp: { type: number; code: number }
}

/**
 * Reads a rule table literally, as a renderer would: the verdict on a packet at one endpoint, and the id of the
 * chain that decided. Written against the words of rules.ts alone.
 */
export class TableReader {
  private readonly table: RuleTable

  constructor(table: RuleTable) {
    this.table = table
  }

  decide(
    endpoint: string,
    direction: Direction,
    packet: Packet,
  ): { verdict: 'allowed' | 'denied'; by: string } {
    const rules = this.table.endpoints.find((one) => one.endpoint === endpoint)![direction]
    for (const tier of rules.tiers) {
      const [action, by] = this.first(tier.policies, direction, packet)
      if (action === 'allow') return { verdict: 'allowed', by }
      if (action === 'deny') return { verdict: 'denied', by }
      if (action === null && tier.endAction === 'deny')
        return { verdict: 'denied', by: `end of ${tier.name} ${tier.endOwner}` }
    }
    const [action, by] = this.first(rules.profiles, direction, packet)
    return { verdict: action === 'allow' ? 'allowed' : 'denied', by }
  }

  private first(
    chains: string[],
    direction: Direction,
    packet: Packet,
  ): [LoweredRule['action'] | null, string] {
    for (const id of chains) {
      const chain = this.table.chains.find((one) => one.id === id && one.direction === direction)
      if (!chain) throw new Error(`no chain ${id} ${direction}`)
      if (chain.staged) continue
      const rule = chain.rules.find(({ action, match }) => action !== 'log' && this.matches(match, packet))
      if (rule) return [rule.action, `${id} ${rule.index}`]
    }
    return [null, '']
  }

  private matches(match: LoweredRule['match'], packet: Packet): boolean {
    const version = packet.destination.includes(':') ? 6 : 4
    const { icmp, notIcmp } = match
    const isIcmp = packet.protocol === (version === 4 ? 1 : 58)
    const same = (wanted: { type?: number; code?: number }) =>
      wanted.type === packet.icmp.type && (wanted.code === undefined || wanted.code === packet.icmp.code)
    if (match.ipVersion !== undefined && match.ipVersion !== version) return false
    if (match.protocol !== undefined && match.protocol !== packet.protocol) return false
    if (match.notProtocol !== undefined && match.notProtocol === packet.protocol) return false
    if (icmp && !(isIcmp && same(icmp))) return false
    if (notIcmp && !(isIcmp && !same(notIcmp))) return false
    const from = { address: packet.source, protocol: packet.protocol, port: packet.sourcePort }
    const to = { address: packet.destination, protocol: packet.protocol, port: packet.port }
    return this.peer(match.source, from) && this.peer(match.destination, to)
  }

  private peer(peer: PeerMatch, end: { address: string; protocol: number; port: number }): boolean {
    const { address, protocol, port } = end
    const member = (id: string) =>
      find(this.table.portSets, id).members.some(
        (one) => one.address === address && one.protocol === protocol && one.port === port,
      )
    const numbered = (ranges: { first: number; last: number }[]) =>
      [6, 17, 132].includes(protocol) && ranges.some(({ first, last }) => port >= first && port <= last)
    const anyPort = peer.ports.length + peer.portSets.length === 0
    return (
      peer.inSets.every((id) => inAny(find(this.table.addressSets, id).cidrs, address)) &&
      !peer.notInSets.some((id) => inAny(find(this.table.addressSets, id).cidrs, address)) &&
      (peer.nets.length === 0 || inAny(peer.nets, address)) &&
      !inAny(peer.notNets, address) &&
      (anyPort || numbered(peer.ports) || peer.portSets.some(member)) &&
      !numbered(peer.notPorts) &&
      !peer.notPortSets.some(member)
    )
  }
}

function inAny(cidrs: string[], address: string): boolean {
  return cidrs.some((cidr) => cidrContains(parseCidr(cidr)!, parseAddress(address)!))
}

function find<Entry extends { id: string }>(entries: Entry[], id: string): Entry {
  const entry = entries.find((one) => one.id === id)
  if (!entry) throw new Error(`no set ${id}`)
  return entry
}
