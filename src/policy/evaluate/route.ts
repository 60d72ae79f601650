import { type Model, outsideOf, type Party, type Way } from '../model/index.ts'
import { ipInIp, protocolNumbers } from '../protocol.ts'
import type { Direction, HostStage } from '../rules.ts'
import type { Packet } from './flow.ts'
import type { Gate, Walk } from './gate.ts'
import type { Ends } from './match.ts'
import { asSeenByPod, type Place, partyOf } from './place.ts'

/** A flow whose ends are known. */
export interface Route {
  model: Model
  source: Place
  destination: Place
  packet: Packet
  pending: boolean
  /** What untracked and pre-DNAT policies see, where it is not what the others see. */
  untranslated?: { packet: Packet; ends: Ends }
}

export interface Gates {
  egress: Gate[]
  ingress: Gate[]
}

/**
 * Who is asked about a flow, in the order in which its packets meet them: pods, and the HostEndpoints of the
 * interfaces that it passes (felix/rules/static.go). Nobody is asked between a node and its own pods.
 */
export function gatesOf(route: Route): Gates {
  return { egress: leaving(route), ingress: arriving(route) }
}

/** Those of the source's node. */
export function leaving(route: Route): Gate[] {
  const { source, destination } = route
  if (source.kind === 'outside') return []
  const ends = endsOf(route)
  const node = nodeOf(source)!
  const local = isLocal(route)
  const way: Way = local ? { kind: 'loopback' } : wayOut(route, node)
  const carriers = carrierGates(route, 'egress')
  if (source.kind === 'host')
    return [
      ...hostGate(route, { node, way, direction: 'egress', stages: ['untracked', 'normal'], ends }),
      ...carriers,
    ]
  const isToHost = local && destination.kind === 'host'
  const stages: HostStage[] = isToHost ? ['pre-dnat'] : ['pre-dnat', 'forward']
  const out = local ? [] : hostGate(route, { node, way, direction: 'egress', stages: ['forward'], ends })
  return [
    ...hostGate(route, { node, way: fromPod, direction: 'ingress', stages, ends }),
    podGate(route, source, 'egress'),
    ...out,
    ...carriers,
  ]
}

/** Those of the destination's node. */
export function arriving(route: Route): Gate[] {
  const { source, destination } = route
  if (destination.kind === 'outside') return []
  const node = nodeOf(destination)!
  const local = isLocal(route)
  const way: Way = local ? { kind: 'loopback' } : wayIn(route, node)
  if (destination.kind === 'host') {
    // What a pod sends to its own node meets the pod's policies alone.
    if (local && source.kind === 'pod') return []
    const ends = { ...endsOf(route), source: asSeenByHost(route) }
    return hostGate(route, {
      node,
      way,
      direction: 'ingress',
      stages: ['untracked', 'pre-dnat', 'normal'],
      ends,
    })
  }
  const ends = endsOf(route)
  const into: HostStage[] = ['untracked', 'pre-dnat', 'forward']
  return [
    ...carrierGates(route, 'ingress'),
    ...(local ? [] : hostGate(route, { node, way, direction: 'ingress', stages: into, ends })),
    podGate(route, destination, 'ingress'),
    ...hostGate(route, { node, way: fromPod, direction: 'egress', stages: ['forward'], ends }),
  ]
}

/**
 * The packets between nodes that carry a tunnelled flow meet the HostEndpoints of the interfaces that they pass, but
 * no normal policies: felix lets tunnels between nodes through before those (felix/rules/static.go).
 */
export function carrierGates(route: Route, direction: Direction): Gate[] {
  const { model, source, destination } = route
  if (isLocal(route) || !isTunnelled(route)) return []
  const { version } = destination.party
  const { nodes } = model.catalog
  const [from, to] = [nodeOf(source)!, nodeOf(destination)!]
  const nodeParty = (node: string) => partyOf(model, nodes.addressOf(node, version), version)
  const there: Ends = { source: nodeParty(from), destination: nodeParty(to) }
  const back: Ends = { source: there.destination, destination: there.source }
  const carried = { ...route, packet: carrierPacket(route), untranslated: undefined }
  const ask = (question: Omit<HostQuestion, 'way'>) =>
    hostGate(carried, { ...question, way: outsideOf(model.catalog, question.node, version) })
  if (direction === 'ingress')
    return ask({ node: to, direction, stages: ['untracked', 'pre-dnat'], ends: there })
  const out = ask({ node: from, direction, stages: ['untracked'], ends: there })
  if (carried.packet.protocol === ipInIp) return out
  // What carries the answers is no answer to connection tracking: VXLAN sends to the same port both ways (RFC 7348).
  return [...out, ...ask({ node: from, direction: 'ingress', stages: ['pre-dnat'], ends: back })]
}

function carrierPacket({ model, destination, packet }: Route): Packet {
  const { address, version } = destination.party
  return model.catalog.nodes.tunnelTo(address, version) === 'vxlan'
    ? { ...packet, protocol: protocolNumbers.UDP, port: model.options.vxlanPort }
    : { ...packet, protocol: ipInIp, port: 0 }
}

/** Only HostEndpoints for all interfaces see the interfaces of pods. */
const fromPod: Way = { kind: 'workload' }

interface HostQuestion extends Pick<Walk, 'direction' | 'ends'> {
  node: string
  way: Way
  stages: HostStage[]
}

/** The HostEndpoint of one of a node's interfaces, at the stages that a packet passes there. */
export function hostGate(
  { model, packet, untranslated }: Route,
  { node, way, stages, direction, ends }: HostQuestion,
): Gate[] {
  const endpoint = model.hosts.at(node, way)
  if (!endpoint || !model.hosts.isStrict(endpoint)) return []
  const known = stages.filter((stage) => stage !== 'untracked' || !model.hosts.isForAll(endpoint))
  const seen = (stage: HostStage) =>
    untranslated && (stage === 'untracked' || stage === 'pre-dnat') ? untranslated : { packet, ends }
  return [known.map((stage) => ({ model, endpoint, stage, direction, ...seen(stage), pending: false }))]
}

function podGate(route: Route, { endpoint }: Extract<Place, { kind: 'pod' }>, direction: Direction): Gate {
  const { model, packet, pending } = route
  return [{ model, endpoint, stage: 'pod', direction, packet, ends: endsOf(route), pending }]
}

/** After the translation of a Service's address, before that of the source's. */
export function endsOf({ model, source, destination }: Route): Ends {
  const isRemote = source.kind === 'host' && destination.kind === 'pod'
  return {
    source: isRemote ? asSeenByPod(model, source, destination) : source.party,
    destination: destination.party,
  }
}

/** What pods send to other nodes arrives under their own node's address, unless the pool says otherwise. */
export function asSeenByHost({ model, source, destination }: Route): Party {
  const [from, to] = [source.party.address, destination.party.address]
  if (source.kind !== 'pod' || !from || !to) return source.party
  const { nodes } = model.catalog
  if (!nodes.isTranslated(from, to)) return source.party
  return partyOf(model, nodes.addressOf(source.endpoint.node, from.version), from.version)
}

function isLocal({ source, destination }: Route): boolean {
  const node = nodeOf(source)
  return node !== null && node !== '' && node === nodeOf(destination)
}

/** By which of its interfaces a node sends a flow on. */
export function wayOut(route: Route, node: string): Way {
  if (isTunnelled(route)) return { kind: 'tunnel' }
  return outsideOf(route.model.catalog, node, route.source.party.version)
}

function wayIn(route: Route, node: string): Way {
  const { model, destination } = route
  if (isTunnelled(route)) return { kind: 'tunnel' }
  if (destination.kind === 'host') return { kind: 'outside', address: destination.party.address }
  return outsideOf(model.catalog, node, destination.party.version)
}

/** Only what goes to a pod of another node does. */
function isTunnelled({ model, source, destination }: Route): boolean {
  const node = nodeOf(source)
  if (node === null || destination.kind !== 'pod') return false
  const { endpoint, party } = destination
  return model.catalog.nodes.isTunnelled(node, { node: endpoint.node, address: party.address }, party.version)
}

/** Where a place is; null outside of the cluster. */
export function nodeOf(place: Place): string | null {
  if (place.kind === 'outside') return null
  return place.kind === 'pod' ? place.endpoint.node : place.node
}
