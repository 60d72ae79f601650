import type { Endpoint, Model } from '../model/index.ts'
import { protocolNumbers } from '../protocol.ts'
import type { Direction } from '../rules.ts'
import { type Flow, type Packet, packetOf } from './flow.ts'
import type { Ends } from './match.ts'
import { asSeenRemotely, type Place, placesOf } from './place.ts'

/** One endpoint asked about one flow in one direction. */
export interface Walk {
  model: Model
  endpoint: Endpoint
  direction: Direction
  packet: Packet
  ends: Ends
  /** Ask staged policies too, as if they were enforced. */
  pending: boolean
}

/** A flow, put as questions to the endpoints whose policies see it. */
export interface Question {
  source: Place
  destination: Place
  /** Why no policy ever sees it; then nobody is asked. */
  unseen: string | null
  /** What Calico drops from a pod before any policy, by name. */
  guarded: string | null
  egress: Walk | null
  ingress: Walk | null
}

/** @throws LabError `not-found` for a pod that is not in the model. */
export function questionOf(model: Model, flow: Flow, pending: boolean): Question {
  const { source, destination } = placesOf(model, flow)
  const packet = packetOf(flow, destination.party.version)
  const unseen = unseenBecause(flow, source, destination)
  const remote = source.kind === 'host' ? asSeenRemotely(model, source) : source.party
  const ends = { source: remote, destination: destination.party }
  const ask = (place: Place, direction: Direction): Walk | null =>
    place.kind === 'pod' && !unseen
      ? { model, endpoint: place.endpoint, direction, packet, ends, pending }
      : null
  const guarded = unseen === null && source.kind === 'pod' ? guard(model, packet) : null
  return {
    source,
    destination,
    unseen,
    guarded,
    egress: ask(source, 'egress'),
    ingress: ask(destination, 'ingress'),
  }
}

function unseenBecause(flow: Flow, source: Place, destination: Place): string | null {
  if (destination.kind !== 'pod')
    return source.kind === 'pod' ? null : 'no pod is at either end, and host policy is not modelled'
  const { id, node } = destination.endpoint
  if (source.kind === 'pod' && source.endpoint.id === id && !flow.viaService)
    return `${id} talks to its own address: the traffic never leaves its network namespace`
  if (source.kind === 'host' && source.node === node && node !== '')
    return `a node always reaches its own pods: ${source.node} runs ${id}`
  return null
}

/** IP in IP. */
const ipInIp = 4

/** Encapsulation that a pod makes itself is dropped, so that it cannot slip past the policies of others. */
export function guard({ options }: Model, { protocol, port }: Packet): string | null {
  if (protocol === protocolNumbers.UDP && port === options.vxlanPort) return 'VXLAN from a pod'
  return protocol === ipInIp ? 'IP in IP from a pod' : null
}
