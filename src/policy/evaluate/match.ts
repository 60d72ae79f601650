import { type Cidr, cidrContains } from '../../cidr.ts'
import { hasPorts, type IcmpMatch, type Party, type Peer, type Rule } from '../model/index.ts'
import { protocolNumbers } from '../protocol.ts'
import type { Packet } from './flow.ts'

/** The two ends of a flow as the rules see them: after DNAT, before SNAT. */
export interface Ends {
  source: Party
  destination: Party
}

/** Whether a rule matches: every criterion it gives holds. */
export function matchesRule(rule: Rule, packet: Packet, { source, destination }: Ends): boolean {
  return (
    rule.versions.includes(destination.version) &&
    matchesProtocol(rule, packet) &&
    matchesIcmp(rule, packet, destination.version) &&
    matchesPeer(rule.source, source, { protocol: packet.protocol, port: packet.sourcePort }) &&
    matchesPeer(rule.destination, destination, packet)
  )
}

function matchesProtocol({ protocol, notProtocol }: Rule, packet: Packet): boolean {
  return (protocol === undefined || protocol === packet.protocol) && notProtocol !== packet.protocol
}

/** Both forms speak of ICMP packets only: TCP does not match "not an echo request". */
function matchesIcmp({ icmp, notIcmp }: Rule, packet: Packet, version: 4 | 6): boolean {
  if (!icmp && !notIcmp) return true
  if (packet.protocol !== (version === 4 ? protocolNumbers.ICMP : protocolNumbers.ICMPv6)) return false
  return (!icmp || sameIcmp(icmp, packet.icmp)) && !(notIcmp && sameIcmp(notIcmp, packet.icmp))
}

function sameIcmp(wanted: IcmpMatch, { type, code }: Packet['icmp']): boolean {
  return wanted.type === type && (wanted.code === undefined || wanted.code === code)
}

function matchesPeer(
  peer: Peer,
  party: Party,
  { protocol, port }: { protocol: number; port: number },
): boolean {
  return (
    peer.groups.every((group) => group.includes(party)) &&
    !peer.notGroups.some((group) => group.includes(party)) &&
    (peer.nets.length === 0 || inNets(peer.nets, party)) &&
    !inNets(peer.notNets, party) &&
    matchesPorts(peer, party, { protocol, port }) &&
    !(hasPorts(protocol) && peer.notPorts.some(({ first, last }) => first <= port && port <= last)) &&
    !peer.notPortGroups.some((group) => group.includes(party, protocol, port))
  )
}

function matchesPorts(
  peer: Peer,
  party: Party,
  { protocol, port }: { protocol: number; port: number },
): boolean {
  if (peer.ports.length === 0 && peer.portGroups.length === 0) return true
  if (!hasPorts(protocol)) return false
  return (
    peer.ports.some(({ first, last }) => first <= port && port <= last) ||
    peer.portGroups.some((group) => group.includes(party, protocol, port))
  )
}

function inNets(nets: Cidr[], { address }: Party): boolean {
  return address !== null && nets.some((net) => cidrContains(net, address))
}
