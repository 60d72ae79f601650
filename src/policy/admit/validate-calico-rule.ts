import { isMasked, parseAddress, parseCidr } from '../../cidr.ts'
import { isProtocolName, portProtocols, protocolNumber, protocolNumbers } from '../protocol.ts'
import { someNode } from '../selector.ts'
import { parseSelector } from '../selector-parser.ts'
import type { Path, Problems } from './problem.ts'
import { didYouMean } from './similar.ts'
import { validateSelector } from './validate-selector.ts'

export interface CalicoRule {
  action?: string
  ipVersion?: number
  protocol?: number | string
  notProtocol?: number | string
  icmp?: Icmp
  notICMP?: Icmp
  source?: CalicoPeer
  destination?: CalicoPeer
  http?: { methods?: string[]; paths?: { exact?: string; prefix?: string }[] }
}

interface Icmp {
  type?: number
  code?: number
}

interface CalicoPeer {
  selector?: string
  notSelector?: string
  namespaceSelector?: string
  serviceAccounts?: { names?: string[]; selector?: string }
  services?: { name?: string; namespace?: string }
  nets?: string[]
  notNets?: string[]
  ports?: (number | string)[]
  notPorts?: (number | string)[]
}

interface RulePlace {
  path: Path
  direction: 'ingress' | 'egress'
  /** Whether the policy has a namespace. */
  namespaced: boolean
  problems: Problems
}

/** One rule of a Calico policy. */
export function validateCalicoRule(rule: CalicoRule, place: RulePlace): void {
  validateProtocol(rule, 'protocol', place)
  validateProtocol(rule, 'notProtocol', place)
  validateIcmp(rule, place)
  validateFamilies(rule, place)
  validateHttp(rule, place)
  for (const side of ['source', 'destination'] as const) validatePeer(rule, side, place)
}

function validateProtocol(
  rule: CalicoRule,
  field: 'protocol' | 'notProtocol',
  { path, problems }: RulePlace,
): void {
  const protocol = rule[field]
  if (protocol === undefined || isProtocolName(protocol)) return
  const number = Number(protocol)
  if (Number.isInteger(number) && number >= 1 && number <= 255) return
  const names = Object.keys(protocolNumbers)
  const fix = typeof protocol === 'string' ? didYouMean(protocol, names) : undefined
  problems.add(
    [...path, field],
    `${JSON.stringify(protocol)} is not ${names.join(', ')} or a number of 1 to 255`,
    fix,
  )
}

function validateIcmp({ icmp, notICMP, protocol }: CalicoRule, { path, problems }: RulePlace): void {
  if (icmp && protocol !== 'ICMP' && protocol !== 'ICMPv6')
    problems.add([...path, 'icmp'], 'needs protocol ICMP or ICMPv6, by name', 'protocol: ICMP')
  for (const [field, value] of Object.entries({ icmp, notICMP })) {
    if (!value) continue
    const { type, code } = value
    if (type === undefined && code !== undefined) problems.add([...path, field, 'code'], 'needs a type')
    if (type !== undefined && (type < 0 || type > 254))
      problems.add([...path, field, 'type'], 'must be 0 to 254')
    if (code !== undefined && (code < 0 || code > 255))
      problems.add([...path, field, 'code'], 'must be 0 to 255')
  }
}

/** One rule speaks of one IP family: its version, its ICMP and its CIDRs must agree. */
function validateFamilies(rule: CalicoRule, { path, problems }: RulePlace): void {
  const { ipVersion, protocol } = rule
  if (ipVersion !== undefined && ipVersion !== 4 && ipVersion !== 6)
    problems.add([...path, 'ipVersion'], 'must be 4 or 6')
  if ((protocol === 'ICMP' && ipVersion === 6) || (protocol === 'ICMPv6' && ipVersion === 4))
    problems.add([...path, 'ipVersion'], `contradicts protocol ${protocol}`)
  const families = new Set(
    (['source', 'destination'] as const)
      .flatMap((side) => [...(rule[side]?.nets ?? []), ...(rule[side]?.notNets ?? [])])
      .flatMap((net) => parseCidr(net)?.version ?? []),
  )
  if (families.size > 1) problems.add(path, 'mixes IPv4 and IPv6 CIDRs', 'make a rule for each')
  const family = [...families][0]
  if (families.size === 1 && ipVersion !== undefined && ipVersion !== family)
    problems.add([...path, 'ipVersion'], `contradicts the IPv${family} CIDRs`)
  if (
    families.size === 1 &&
    ((protocol === 'ICMP' && family === 6) || (protocol === 'ICMPv6' && family === 4))
  )
    problems.add([...path, 'protocol'], `contradicts the IPv${family} CIDRs`)
}

function validateHttp(
  { http, action, protocol }: CalicoRule,
  { path, direction, problems }: RulePlace,
): void {
  if (!http) return
  const at = [...path, 'http']
  if (action !== undefined && action !== 'Allow') problems.add(at, 'belongs to Allow rules only')
  if (direction === 'egress') problems.add(at, 'belongs to ingress rules only')
  if (protocol !== undefined && protocol !== 'TCP' && Number(protocol) !== protocolNumbers.TCP)
    problems.add(at, 'needs protocol TCP')
  http.paths?.forEach(({ exact, prefix }, index) => {
    if ((exact === undefined) === (prefix === undefined))
      problems.add([...at, 'paths', index], 'must have either exact or prefix')
  })
}

function validatePeer(rule: CalicoRule, side: 'source' | 'destination', place: RulePlace): void {
  const peer = rule[side]
  if (!peer) return
  const { problems } = place
  const path = [...place.path, side]
  for (const field of ['selector', 'notSelector'] as const)
    if (peer[field] !== undefined)
      validateSelector(peer[field], [...path, field], { problems, global: false })
  if (peer.namespaceSelector !== undefined) validateNamespaceSelector(peer.namespaceSelector, path, problems)
  const accounts = peer.serviceAccounts?.selector
  if (accounts !== undefined)
    validateSelector(accounts, [...path, 'serviceAccounts', 'selector'], { problems, global: false })
  validateNets(peer, path, problems)
  validateServices(peer, side, place)
  for (const field of ['ports', 'notPorts'] as const)
    validatePorts(peer[field] ?? [], rule, { path: [...path, field], problems })
}

function validateNamespaceSelector(text: string, path: Path, problems: Problems): void {
  const at = [...path, 'namespaceSelector']
  validateSelector(text, at, { problems, global: true })
  const parsed = parseSelector(text)
  if (!parsed.ok || parsed.selector.op === 'global') return
  if (someNode(parsed.selector, ({ op }) => op === 'global')) problems.add(at, 'global() must stand alone')
}

function validateNets({ nets = [], notNets = [] }: CalicoPeer, path: Path, problems: Problems): void {
  for (const [field, list] of Object.entries({ nets, notNets })) {
    list.forEach((net, index) => {
      const at = [...path, field, index]
      const host = parseAddress(net)
      const cidr = parseCidr(net)
      if (host)
        problems.add(at, `${net} is an address, not a CIDR`, `write ${net}/${host.version === 4 ? 32 : 128}`)
      else if (!cidr) problems.add(at, `${JSON.stringify(net)} is not a CIDR`)
      else if (!isMasked(net)) problems.add(at, `${net} has host bits set`)
      else if (field === 'notNets' && cidr.prefix === 0) problems.add(at, `${net} leaves nothing to match`)
    })
  }
}

function validateServices(
  peer: CalicoPeer,
  side: string,
  { path, direction, namespaced, problems }: RulePlace,
): void {
  const { services } = peer
  if (!services) return
  const at = [...path, side, 'services']
  if (!services.name) problems.add([...at, 'name'], 'is required')
  if (!services.namespace && !namespaced) problems.add([...at, 'namespace'], 'is required in a global policy')
  if (side === 'source' && direction === 'egress') problems.add(at, 'cannot be the source of an egress rule')
  if (side === 'destination' && direction === 'ingress')
    problems.add(at, 'cannot be the destination of an ingress rule')
  const excluded = [
    'selector',
    'notSelector',
    'namespaceSelector',
    'serviceAccounts',
    'nets',
    'notNets',
  ] as const
  const ports = side === 'destination' ? (['ports', 'notPorts'] as const) : []
  for (const field of [...excluded, ...ports]) {
    const value = peer[field]
    const given = Array.isArray(value) ? value.length > 0 : Boolean(value)
    if (given) problems.add([...path, side, field], 'cannot stand beside services')
  }
}

interface PortsPlace {
  path: Path
  problems: Problems
}

function validatePorts(ports: (number | string)[], rule: CalicoRule, { path, problems }: PortsPlace): void {
  if (ports.length === 0) return
  const { protocol } = rule
  const takesPorts = protocol !== undefined && portProtocols.includes(protocolNumber(protocol))
  if (protocol !== undefined && !takesPorts) problems.add(path, 'need protocol TCP, UDP or SCTP')
  ports.forEach((port, index) => {
    const at = [...path, index]
    const [, first, last] = /^(\d+)(?::(\d+))?$/.exec(String(port)) ?? []
    if (first === undefined) {
      if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(String(port)))
        problems.add(at, `${JSON.stringify(port)} is not a port, a range (80:90) or a port name`)
      return
    }
    if (protocol === undefined) problems.add(at, 'a port by number needs a protocol', 'protocol: TCP')
    const from = Number(first)
    const to = Number(last ?? first)
    if (from < 1 || from > 65535 || to > 65535) problems.add(at, 'must be between 1 and 65535')
    else if (from > to) problems.add(at, `${port} runs backwards`)
  })
}
