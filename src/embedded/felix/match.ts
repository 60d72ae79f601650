import type { PeerMatch, PortRange, RuleMatch } from '../../policy/index.ts'
import { disjoint, type Family, familyOf, type Sets } from './sets.ts'

/**
 * What a rule matches, as the left sides of nftables rules: a packet matches if it matches one of them. Usually one
 * line; more where both families differ, or where ports are given by number and by name.
 */
export function matchLines(match: RuleMatch, sets: Sets): string[] {
  const [four, six] = ([4, 6] as const).map((family) => familyLines(match, family, sets))
  if (four!.length === six!.length && four!.every((line, index) => line === six![index])) return four!
  return [...four!.map((line) => bound(line, 4)), ...six!.map((line) => bound(line, 6))]
}

/** Ports can be asked of these alone; a rule with ports and no protocol means each of the first three. */
const portProtocols: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp', 136: 'udplite', 33: 'dccp' }

/** The lines of one family; none where no packet of that family can match. */
function familyLines(match: RuleMatch, family: Family, sets: Sets): string[] {
  if (match.ipVersion && match.ipVersion !== family) return []
  if (match.protocol !== undefined && match.protocol === match.notProtocol) return []
  const icmp = icmpParts(match, family)
  const source = addressParts(match.source, 's', { family, sets })
  const destination = addressParts(match.destination, 'd', { family, sets })
  if (!icmp || !source || !destination) return []
  const excluded = [
    ...notPortParts(match.source, 's', { match, family, sets }),
    ...notPortParts(match.destination, 'd', { match, family, sets }),
  ]
  return portChoices(match.source, 's', { match, family, sets }).flatMap((from) =>
    portChoices(match.destination, 'd', { match, family, sets }).map((to) => {
      const parts = [...icmp, ...source, ...destination, ...from, ...to, ...excluded]
      return [...protocolParts(match, parts), ...parts].join(' ')
    }),
  )
}

/** A line that says nothing of addresses needs to be told its family. */
function bound(line: string, family: Family): string {
  if (/(^| )(ip6? [sd]addr|icmp(v6)? (type|code)) /.test(line)) return line
  return `meta nfproto ipv${family} ${line}`.trimEnd()
}

function protocolParts({ protocol, notProtocol }: RuleMatch, others: string[]): string[] {
  if (protocol === undefined) {
    if (others.some((part) => part.startsWith('th '))) return ['meta l4proto { 6, 17, 132 }']
    return notProtocol === undefined ? [] : [`meta l4proto != ${notProtocol}`]
  }
  const implied = others.some((part) => part.startsWith(`${portProtocols[protocol]} `) || /^icmp/.test(part))
  return implied ? [] : [`meta l4proto ${protocol}`]
}

/** `notIcmp` implies ICMP, as nftables reads it, and says no only where type and code both agree. */
function icmpParts({ icmp, notIcmp, protocol }: RuleMatch, family: Family): string[] | null {
  const wanted = icmp?.type !== undefined
  const unwanted = notIcmp?.type !== undefined
  if (!wanted && !unwanted) return []
  if (protocol !== undefined && protocol !== (family === 4 ? 1 : 58)) return null
  const header = family === 4 ? 'icmp' : 'icmpv6'
  const parts = []
  if (wanted) parts.push(`${header} type ${icmp.type}`)
  if (icmp?.code !== undefined) parts.push(`${header} code ${icmp.code}`)
  if (unwanted && notIcmp.code === undefined) parts.push(`${header} type != ${notIcmp.type}`)
  if (unwanted && notIcmp.code !== undefined)
    parts.push(`${header} type . ${header} code != { ${notIcmp.type} . ${notIcmp.code} }`)
  return parts
}

type Side = 's' | 'd'

interface FamilyContext {
  family: Family
  sets: Sets
}

/** Null where a list that must hold an address has none of this family: then the rule is not there for it. */
function addressParts(peer: PeerMatch, side: Side, { family, sets }: FamilyContext): string[] | null {
  const field = `${family === 4 ? 'ip' : 'ip6'} ${side}addr`
  const ofFamily = (cidrs: string[]) => disjoint(cidrs.filter((cidr) => familyOf(cidr) === family))
  const nets = ofFamily(peer.nets)
  const notNets = ofFamily(peer.notNets)
  if (peer.nets.length > 0 && nets.length === 0) return null
  if (peer.notNets.length > 0 && (notNets.length === 0 || notNets[0]!.endsWith('/0'))) return null
  const inSets = peer.inSets.map((id) => sets.addresses(id, family))
  if (inSets.includes(null)) return null
  const notInSets = peer.notInSets.map((id) => sets.addresses(id, family)).filter((name) => name !== null)
  return [
    ...inSets.map((name) => `${field} @${name}`),
    ...notInSets.map((name) => `${field} != @${name}`),
    ...(nets.length > 0 ? [`${field} ${anyOf(nets)}`] : []),
    ...(notNets.length > 0 ? [`${field} != ${anyOf(notNets)}`] : []),
  ]
}

interface PortContext extends FamilyContext {
  match: RuleMatch
}

/** The ways to meet the criterion, of which one suffices: by number, or by each set of named ports. */
function portChoices(peer: PeerMatch, side: Side, { match, family, sets }: PortContext): string[][] {
  if (peer.ports.length === 0 && peer.portSets.length === 0) return [[]]
  const named = peer.portSets.map((id) => sets.ports(id, family)).filter((name) => name !== null)
  return [
    ...(peer.ports.length > 0 ? [[`${portField(match, side)} ${anyOf(ranges(peer.ports))}`]] : []),
    ...named.map((name) => [`${tupleField(family, side)} @${name}`]),
  ]
}

function notPortParts(peer: PeerMatch, side: Side, { match, family, sets }: PortContext): string[] {
  const named = peer.notPortSets.map((id) => sets.ports(id, family)).filter((name) => name !== null)
  return [
    ...(peer.notPorts.length > 0 ? [`${portField(match, side)} != ${anyOf(ranges(peer.notPorts))}`] : []),
    ...named.map((name) => `${tupleField(family, side)} != @${name}`),
  ]
}

function portField({ protocol }: RuleMatch, side: Side): string {
  const header = protocol === undefined ? 'th' : (portProtocols[protocol] ?? 'th')
  return `${header} ${side}port`
}

function tupleField(family: Family, side: Side): string {
  return `${family === 4 ? 'ip' : 'ip6'} ${side}addr . meta l4proto . th ${side}port`
}

/** Sorted, and with what overlaps joined: nftables takes no overlapping intervals. */
function ranges(ports: PortRange[]): string[] {
  const joined: PortRange[] = []
  for (const range of [...ports].sort((a, b) => a.first - b.first)) {
    const last = joined.at(-1)
    if (last && range.first <= last.last) last.last = Math.max(last.last, range.last)
    else joined.push({ ...range })
  }
  return joined.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
}

function anyOf(values: string[]): string {
  return values.length === 1 ? values[0]! : `{ ${values.join(', ')} }`
}
