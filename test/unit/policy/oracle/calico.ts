import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { isSix, within } from './bits.ts'
import { hasNamedPort } from './kubernetes.ts'
import { family, type Packet } from './oracle.ts'
import { holds } from './selector.ts'
import { labelOf, type Owner, ownersOf, type World } from './world.ts'

type Any = KubernetesObject['spec']

const numbers: Record<string, number> = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132, UDPLite: 136 }

/** Whether a policy applies to a pod or a host. With one of the inherited selectors `all()` is all pods. */
export function selectsSubject({ metadata, spec }: KubernetesObject, owner: Owner): boolean {
  if (metadata.namespace !== undefined && metadata.namespace !== owner.namespace) return false
  const { selector = '', namespaceSelector, serviceAccountSelector } = spec
  const all = owner.type === 'pod' || !(namespaceSelector || serviceAccountSelector)
  const fits = (text: string | undefined, prefix: string) =>
    !text || holds(text, { get: (label) => labelOf(owner, prefix + label), all, global: true })
  return fits(selector, '') && fits(namespaceSelector, 'pcns.') && fits(serviceAccountSelector, 'pcsa.')
}

interface CalicoQuestion {
  policy: KubernetesObject
  rule: Any
  packet: Packet
}

export function calicoMatches(world: World, { policy, rule, packet }: CalicoQuestion): boolean {
  const version = family(packet)
  const { namespace } = policy.metadata
  if (rule.ipVersion && rule.ipVersion !== version) return false
  if (rule.protocol === 'ICMP' && version !== 4) return false
  if (rule.protocol === 'ICMPv6' && version !== 6) return false
  if (rule.protocol !== undefined && !sameProtocol(rule.protocol, packet)) return false
  if (rule.notProtocol !== undefined && sameProtocol(rule.notProtocol, packet)) return false
  if (!icmpMatches(rule, packet)) return false
  const source = { namespace, address: packet.source, packet: { ...packet, port: 49152 }, isSource: true }
  const destination = { namespace, address: packet.destination, packet, isSource: false }
  return (
    sideMatches(world, rule.source ?? {}, source) && sideMatches(world, rule.destination ?? {}, destination)
  )
}

function sameProtocol(wanted: string | number, { protocol }: Packet): boolean {
  return (numbers[wanted] ?? Number(wanted)) === (numbers[protocol] ?? Number(protocol))
}

function icmpMatches({ icmp, notICMP }: Any, packet: Packet): boolean {
  const isIcmp = packet.protocol === (family(packet) === 4 ? 'ICMP' : 'ICMPv6')
  const same = (wanted: Any) =>
    wanted.type === packet.icmp.type && (wanted.code === undefined || wanted.code === packet.icmp.code)
  if (icmp?.type !== undefined && !(isIcmp && same(icmp))) return false
  return notICMP?.type === undefined || (isIcmp && !same(notICMP))
}

interface Side {
  namespace: string | undefined
  address: string
  packet: Packet
  isSource: boolean
}

function sideMatches(world: World, peer: Any, { namespace, address, packet, isSource }: Side): boolean {
  const owners = ownersOf(world, address)
  const positive = positiveSet(peer, namespace)
  if (positive && !owners.some(positive)) return false
  if (!positive && peer.notSelector && owners.some((owner) => own(peer.notSelector, owner))) return false
  if (!netsMatch(peer, address)) return false
  if (peer.services && !serviceMatches(world, peer.services, { address, packet, isSource })) return false
  const named = positive ? owners.filter(positive) : owners
  return portsMatch(peer, packet, named)
}

/** Who is meant, or undefined where any address is. */
function positiveSet(peer: Any, namespace: string | undefined): ((owner: Owner) => boolean) | undefined {
  const { selector, notSelector, namespaceSelector, serviceAccounts } = peer
  const byAccount = Boolean(serviceAccounts?.names?.length || serviceAccounts?.selector)
  const known = Boolean(selector) || byAccount
  const limited = Boolean(namespaceSelector) || namespace !== undefined
  if (!known && !(limited && (notSelector || namespaceSelector))) return undefined
  return (owner) =>
    (!limited || inNamespace(owner, namespaceSelector, namespace)) &&
    (!selector || own(selector, owner)) &&
    (!notSelector || !own(notSelector, owner)) &&
    accountMatches(serviceAccounts ?? {}, owner)
}

function inNamespace(owner: Owner, selector: string | undefined, namespace: string | undefined): boolean {
  if (!selector) return owner.namespace === namespace
  const known = owner.namespace !== undefined
  return holds(selector, { get: (label) => labelOf(owner, `pcns.${label}`), all: known, global: !known })
}

function accountMatches({ names, selector }: Any, owner: Owner): boolean {
  const listed = !names?.length || names.includes(labelOf(owner, 'projectcalico.org/serviceaccount'))
  return listed && (!selector || scoped(selector, (label) => labelOf(owner, `pcsa.${label}`)))
}

function own(selector: string, owner: Owner): boolean {
  return scoped(selector, (label) => labelOf(owner, label))
}

function scoped(selector: string, get: (label: string) => string | undefined): boolean {
  return holds(selector, { get, all: true, global: true })
}

function netsMatch({ nets = [], notNets = [] }: Any, address: string): boolean {
  const sameFamily = (list: string[]) => list.filter((one) => isSix(one) === isSix(address))
  const lost = (list: string[]) => list.length > 0 && sameFamily(list).length === 0
  if (lost(nets) || lost(notNets)) return false
  if (nets.length > 0 && !nets.some((one: string) => within(address, one))) return false
  return !notNets.some((one: string) => within(address, one))
}

/** A source is an endpoint of the Service by its address; a destination also by protocol and target port. */
function serviceMatches(
  world: World,
  { name, namespace = '' }: Any,
  { address, packet, isSource }: Omit<Side, 'namespace'>,
): boolean {
  const members = (world.services[`${namespace}/${name}`] ?? []).filter((one) => one.address === address)
  return members.some((one) => isSource || (one.protocol === packet.protocol && one.port === packet.port))
}

function portsMatch({ ports = [], notPorts = [] }: Any, packet: Packet, owners: Owner[]): boolean {
  const ported = ['TCP', 'UDP', 'SCTP'].includes(packet.protocol)
  const listed = (list: (number | string)[]) => ported && list.some((one) => portMatches(one, packet, owners))
  return (ports.length === 0 || listed(ports)) && !listed(notPorts)
}

function portMatches(port: number | string, packet: Packet, owners: Owner[]): boolean {
  const [first, last] = String(port).split(':')
  if (!/^\d+$/.test(first!)) return hasNamedPort(owners, String(port), packet)
  return packet.port >= Number(first) && packet.port <= Number(last ?? first)
}
