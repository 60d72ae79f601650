import { type Cidr, formatCidr, type IpVersion, parseCidr } from '../../cidr.ts'
import { portProtocols } from '../protocol.ts'
import type { PortRange, RuleAction } from '../rules.ts'
import type { Selector } from '../selector.ts'
import type { AddressGroup, Groups, PortGroup } from './groups.ts'

/** A rule as every kind of policy is brought to it, before its selectors are looked up. */
export interface RuleDraft {
  action: RuleAction
  /** Index of the rule as its author counts it; several drafts may share one. */
  index: number
  ipVersion?: IpVersion
  protocol?: number
  notProtocol?: number
  icmp?: IcmpMatch
  notIcmp?: IcmpMatch
  source: PeerDraft
  destination: PeerDraft
}

export interface IcmpMatch {
  type?: number
  code?: number
}

export interface PeerDraft {
  /** The address belongs to an endpoint or network set that this selects. */
  selector?: Selector
  /** The address belongs to none that this selects. */
  notSelector?: Selector
  nets?: string[]
  notNets?: string[]
  /** Ranges, or names of ports; none says nothing. */
  ports?: PortDraft[]
  notPorts?: PortDraft[]
  /** `namespace/name` of a Service; with ports of its own (egress) or without (ingress). */
  service?: { name: string; withPorts: boolean }
}

export type PortDraft = PortRange | string

/** A rule ready to be matched and lowered. All criteria must hold. */
export interface Rule {
  action: RuleAction
  index: number
  /** Position in the converted list, as Calico's own traces count. */
  position: number
  /** IP families it is programmed for; none when no packet can match. */
  versions: IpVersion[]
  protocol?: number
  notProtocol?: number
  icmp?: IcmpMatch
  notIcmp?: IcmpMatch
  source: Peer
  destination: Peer
  draft: RuleDraft
}

export interface Peer {
  groups: AddressGroup[]
  notGroups: AddressGroup[]
  nets: Cidr[]
  notNets: Cidr[]
  ports: PortRange[]
  portGroups: PortGroup[]
  notPorts: PortRange[]
  notPortGroups: PortGroup[]
}

export function compileRules(drafts: RuleDraft[], groups: Groups): Rule[] {
  return drafts.map((draft, position) => {
    const { action, index, protocol, notProtocol, icmp, notIcmp } = draft
    const source = compilePeer(draft.source, protocol, groups)
    const destination = compilePeer(draft.destination, protocol, groups)
    const versions = versionsOf(draft.ipVersion, [source, destination])
    return {
      action,
      index,
      position,
      versions,
      protocol,
      notProtocol,
      icmp,
      notIcmp,
      source,
      destination,
      draft,
    }
  })
}

/** The blocks of one family. */
export function ofVersion(cidrs: Cidr[], version: IpVersion): Cidr[] {
  return cidrs.filter((cidr) => cidr.version === version)
}

function compilePeer(draft: PeerDraft, protocol: number | undefined, groups: Groups): Peer {
  const { selector, notSelector, service, ports = [], notPorts = [] } = draft
  const named = (entries: PortDraft[]) =>
    entries
      .filter((entry) => typeof entry === 'string')
      .map((name) => groups.namedPort({ name, protocol, within: selector }))
  const addressGroups = selector ? [groups.selected(selector)] : []
  const portGroups = named(ports)
  if (service?.withPorts) portGroups.push(groups.servicePorts(service.name))
  else if (service) addressGroups.push(groups.serviceAddresses(service.name))
  return {
    groups: addressGroups,
    notGroups: notSelector ? [groups.selected(notSelector)] : [],
    nets: parseAll(draft.nets),
    notNets: parseAll(draft.notNets),
    ports: ranges(ports),
    portGroups,
    notPorts: ranges(notPorts),
    notPortGroups: named(notPorts),
  }
}

/**
 * A list of blocks that has none of a family left takes the rule out of that family, and so does a `notNets` that
 * covers the family whole.
 */
function versionsOf(ipVersion: IpVersion | undefined, peers: Peer[]): IpVersion[] {
  const candidates: IpVersion[] = ipVersion ? [ipVersion] : [4, 6]
  return candidates.filter((version) =>
    peers.every(({ nets, notNets }) => {
      const lost = [nets, notNets].some((list) => list.length > 0 && ofVersion(list, version).length === 0)
      return !lost && !ofVersion(notNets, version).some(({ prefix }) => prefix === 0)
    }),
  )
}

/** Admission lets nothing else through. */
function parseAll(texts: string[] = []): Cidr[] {
  return texts.map((text) => parseCidr(text)!)
}

function ranges(ports: PortDraft[]): PortRange[] {
  return ports.filter((port) => typeof port !== 'string')
}

/** Whether a protocol has the ports that policies speak of. */
export function hasPorts(protocol: number): boolean {
  return portProtocols.includes(protocol)
}

export function cidrTexts(cidrs: Cidr[]): string[] {
  return [...new Set(cidrs.map(formatCidr))]
}
