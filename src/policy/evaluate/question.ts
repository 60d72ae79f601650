import type { Model } from '../model/index.ts'
import { ipInIp, protocolNumbers } from '../protocol.ts'
import { type Flow, type Packet, packetOf } from './flow.ts'
import type { Gate, PodWalk } from './gate.ts'
import { gatesThroughNode } from './node-port.ts'
import { type Place, placesOf } from './place.ts'
import { gatesOf } from './route.ts'

/** The pod that is asked on one side of a flow, if there is one. */
export function podWalk(gates: Gate[]): PodWalk | null {
  return gates.flat().find((walk): walk is PodWalk => walk.stage === 'pod') ?? null
}

/** A flow, put as questions to the endpoints whose policies see it. */
export interface Question {
  source: Place
  destination: Place
  /** Why no policy ever sees it; then nobody is asked. */
  unseen: string | null
  /** What Calico drops from a pod before any policy, by name. */
  guarded: string | null
  /** On the way out of the source, in order, and on the way into the destination: all must let it pass. */
  egress: Gate[]
  ingress: Gate[]
  /** Whether a pod talks to its own node, by no way round. */
  isToOwnHost: boolean
}

/** @throws LabError `not-found` for a pod that is not in the model. */
export function questionOf(model: Model, flow: Flow, pending: boolean): Question {
  const { source, destination } = placesOf(model, flow)
  const packet = packetOf(flow, destination.party.version)
  const ends = { source, destination, isToOwnHost: isToOwnHost(flow, source, destination) }
  const unseen = unseenBecause(flow, source, destination)
  if (unseen) return { ...ends, unseen, guarded: null, egress: [], ingress: [] }
  const route = { model, source, destination, packet, pending }
  const gates = flow.nodePort ? gatesThroughNode(route, flow.nodePort) : gatesOf(route)
  const isAsked = source.kind === 'pod' || gates.egress.length + gates.ingress.length > 0
  const nobody =
    flow.source === flow.destination
      ? ownAddress(flow.source)
      : 'no pod is at either end, and no HostEndpoint on the way that could deny'
  return {
    ...ends,
    ...gates,
    unseen: isAsked ? null : nobody,
    guarded: source.kind === 'pod' ? guard(model, packet) : null,
  }
}

function unseenBecause(flow: Flow, source: Place, destination: Place): string | null {
  const { nodePort, viaService = nodePort !== undefined } = flow
  if (source.kind === 'pod' && idOf(source) === idOf(destination) && !viaService)
    return ownAddress(source.endpoint.id)
  if (source.kind === 'host' && destination.kind === 'pod' && source.node !== '') {
    const { id, node } = destination.endpoint
    const isDirect = nodePort === undefined || nodePort.node === node
    if (source.node === node && isDirect) return `a node always reaches its own pods: ${node} runs ${id}`
  }
  return null
}

/** Ends whose node nobody knows are not on one node. */
function isToOwnHost({ nodePort }: Flow, source: Place, destination: Place): boolean {
  if (source.kind !== 'pod' || destination.kind !== 'host' || destination.node === '') return false
  return (
    source.endpoint.node === destination.node && (nodePort?.node ?? destination.node) === destination.node
  )
}

function ownAddress(id: string): string {
  return `${id} talks to its own address: the traffic never leaves its network namespace`
}

function idOf(place: Place): string | null {
  return place.kind === 'pod' ? place.endpoint.id : null
}

/** Encapsulation that a pod makes itself is dropped, so that it cannot slip past the policies of others. */
export function guard({ options }: Model, { protocol, port }: Packet): string | null {
  if (protocol === protocolNumbers.UDP && port === options.vxlanPort) return 'VXLAN from a pod'
  return protocol === ipInIp ? 'IP in IP from a pod' : null
}
