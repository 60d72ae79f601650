import { type Cidr, cidrContains, type IpVersion } from '../../cidr.ts'
import { hasPorts, type IcmpMatch, type Party, type Peer, type PortGroup, type Rule } from '../model/index.ts'
import { protocolNumbers } from '../protocol.ts'
import type { Packet } from './flow.ts'

/** The two ends of a flow as the rules see them: after DNAT, before SNAT. */
export interface Ends {
  source: Party
  destination: Party
}

/** Something a rule may ask for; one that it does not ask for holds. */
export type Criterion =
  | { name: 'family' | 'protocol' | 'notProtocol' | 'icmp'; side: null; holds: Check }
  | { name: PeerCriterion; side: keyof Ends; holds: Check }

export type PeerCriterion = 'groups' | 'notGroups' | 'nets' | 'notNets' | 'ports' | 'notPorts'

type Check = (rule: Rule, packet: Packet, ends: Ends) => boolean

/** Whether a rule matches: every criterion holds. */
export function matchesRule(rule: Rule, packet: Packet, ends: Ends): boolean {
  return criteria.every(({ holds }) => holds(rule, packet, ends))
}

/** What keeps a rule from matching; nothing where it matches. */
export function unmetCriteria(rule: Rule, packet: Packet, ends: Ends): Criterion[] {
  return criteria.filter(({ holds }) => !holds(rule, packet, ends))
}

/** A protocol, and one end's port. */
export interface PortUse {
  protocol: number
  port: number
}

type PeerCheck = (peer: Peer, party: Party, use: PortUse) => boolean

/** Named ports and port numbers are alternatives; a protocol without ports has neither. */
const peerChecks: Record<PeerCriterion, PeerCheck> = {
  groups: (peer, party) => peer.groups.every((group) => group.includes(party)),
  notGroups: (peer, party) => !peer.notGroups.some((group) => group.includes(party)),
  nets: (peer, party) => peer.nets.length === 0 || inNets(peer.nets, party),
  notNets: (peer, party) => !inNets(peer.notNets, party),
  ports: (peer, party, use) => {
    const wanted = wantedPorts(peer, use)
    if (typeof wanted === 'boolean') return wanted
    return wanted.some((group) => group.includes(party, use.protocol, use.port))
  },
  notPorts: (peer, party, use) => {
    const refused = refusedPorts(peer, use)
    return refused !== true && !refused.some((group) => group.includes(party, use.protocol, use.port))
  },
}

/** Whether the numbers settle that the port is wanted; else the groups of which one must include the party. */
export function wantedPorts({ ports, portGroups }: Peer, { protocol, port }: PortUse): boolean | PortGroup[] {
  if (ports.length === 0 && portGroups.length === 0) return true
  if (!hasPorts(protocol)) return false
  if (ports.some(({ first, last }) => first <= port && port <= last)) return true
  return portGroups.length > 0 && portGroups
}

/** True where the numbers settle that the port is refused; else the groups of which none may include the party. */
export function refusedPorts(
  { notPorts, notPortGroups }: Peer,
  { protocol, port }: PortUse,
): true | PortGroup[] {
  if (hasPorts(protocol) && notPorts.some(({ first, last }) => first <= port && port <= last)) return true
  return notPortGroups
}

/** Whether a rule speaks of such packets at all, whoever the ends are. */
export function concernsPacket(rule: Rule, packet: Packet, version: IpVersion): boolean {
  const nobody: Party = { version, address: null, text: '', endpoints: [] }
  const ends = { source: nobody, destination: nobody }
  return criteria.every(({ side, holds }) => side !== null || holds(rule, packet, ends))
}

const criteria: Criterion[] = [
  {
    name: 'family',
    side: null,
    holds: ({ versions }, _, { destination }) => versions.includes(destination.version),
  },
  {
    name: 'protocol',
    side: null,
    holds: ({ protocol }, packet) => protocol === undefined || protocol === packet.protocol,
  },
  { name: 'notProtocol', side: null, holds: ({ notProtocol }, packet) => notProtocol !== packet.protocol },
  { name: 'icmp', side: null, holds: matchesIcmp },
  ...peerCriteria('source'),
  ...peerCriteria('destination'),
]

/** What a packet says of the port at one of its ends. */
export function portUse({ protocol, port, sourcePort }: Packet, side: keyof Ends): PortUse {
  return { protocol, port: side === 'source' ? sourcePort : port }
}

function peerCriteria(side: keyof Ends): Criterion[] {
  return (Object.keys(peerChecks) as PeerCriterion[]).map((name) => ({
    name,
    side,
    holds: (rule, packet, ends) => peerChecks[name](rule[side], ends[side], portUse(packet, side)),
  }))
}

/** Both forms speak of ICMP packets only: TCP does not match "not an echo request". */
function matchesIcmp({ icmp, notIcmp }: Rule, packet: Packet, { destination }: Ends): boolean {
  if (!icmp && !notIcmp) return true
  if (packet.protocol !== (destination.version === 4 ? protocolNumbers.ICMP : protocolNumbers.ICMPv6))
    return false
  return (!icmp || sameIcmp(icmp, packet.icmp)) && !(notIcmp && sameIcmp(notIcmp, packet.icmp))
}

function sameIcmp(wanted: IcmpMatch, { type, code }: Packet['icmp']): boolean {
  return wanted.type === type && (wanted.code === undefined || wanted.code === code)
}

function inNets(nets: Cidr[], { address }: Party): boolean {
  return address !== null && nets.some((net) => cidrContains(net, address))
}
