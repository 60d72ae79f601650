import { type Cidr, cidrContains } from '../../cidr.ts'
import { hasPorts, type IcmpMatch, type Party, type Peer, type Rule } from '../model/index.ts'
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

interface PortUse {
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
  ports: ({ ports, portGroups }, party, { protocol, port }) =>
    (ports.length === 0 && portGroups.length === 0) ||
    (hasPorts(protocol) &&
      (ports.some(({ first, last }) => first <= port && port <= last) ||
        portGroups.some((group) => group.includes(party, protocol, port)))),
  notPorts: ({ notPorts, notPortGroups }, party, { protocol, port }) =>
    !(hasPorts(protocol) && notPorts.some(({ first, last }) => first <= port && port <= last)) &&
    !notPortGroups.some((group) => group.includes(party, protocol, port)),
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
  ...peerCriteria('source', ({ protocol, sourcePort }) => ({ protocol, port: sourcePort })),
  ...peerCriteria('destination', (packet) => packet),
]

function peerCriteria(side: keyof Ends, useOf: (packet: Packet) => PortUse): Criterion[] {
  return (Object.keys(peerChecks) as PeerCriterion[]).map((name) => ({
    name,
    side,
    holds: (rule, packet, ends) => peerChecks[name](rule[side], ends[side], useOf(packet)),
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
