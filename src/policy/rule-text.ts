import { cidrTexts, type Peer, type Rule } from './model/index.ts'
import { protocolText } from './protocol.ts'
import type { PortRange } from './rules.ts'
import { selectorText } from './selector.ts'

/** A rule in words, in the order in which it is read: `allow TCP from role == "web" to port 80`. */
export function ruleText(rule: Rule): string {
  const { action, protocol, notProtocol, icmp, notIcmp, source, destination, draft } = rule
  const from = peerTexts(source, draft.source)
  const to = peerTexts(destination, draft.destination)
  return [
    action,
    protocol === undefined ? null : protocolText(protocol),
    notProtocol === undefined ? null : `not ${protocolText(notProtocol)}`,
    icmp ? `ICMP type ${icmp.type}` : null,
    notIcmp ? `not ICMP type ${notIcmp.type}` : null,
    from.length > 0 ? `from ${from.join(', ')}` : null,
    to.length > 0 ? `to ${to.join(', ')}` : null,
  ]
    .filter((part) => part !== null)
    .join(' ')
}

/** Port ranges and the names of port groups. */
export function portTexts(ranges: PortRange[], groups: { text: string }[]): string[] {
  const numbers = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
  return [...numbers, ...groups.map(({ text }) => text)]
}

function peerTexts(peer: Peer, { selector, notSelector, service }: Rule['draft']['source']): string[] {
  const { nets, notNets, ports, portGroups, notPorts, notPortGroups } = peer
  const wanted = portTexts(ports, service ? [] : portGroups)
  const refused = portTexts(notPorts, notPortGroups)
  return [
    selector ? selectorText(selector) : null,
    notSelector ? `not ${selectorText(notSelector)}` : null,
    service ? `Service ${service.name}` : null,
    nets.length > 0 ? cidrTexts(nets).join(' or ') : null,
    notNets.length > 0 ? `not ${cidrTexts(notNets).join(' or ')}` : null,
    wanted.length > 0 ? `port ${wanted.join(' or ')}` : null,
    refused.length > 0 ? `not port ${refused.join(' or ')}` : null,
  ].filter((text) => text !== null)
}
