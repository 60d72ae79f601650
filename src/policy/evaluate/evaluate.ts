import type { Model } from '../model/index.ts'
import { protocolNumbers } from '../protocol.ts'
import type { Direction } from '../rules.ts'
import { type Flow, type Packet, packetOf } from './flow.ts'
import { asSeenRemotely, type Place, placesOf } from './place.ts'
import { reasonOf } from './reason.ts'
import type { DirectionVerdict, FlowVerdict } from './verdict.ts'
import { walk } from './walk.ts'

export interface EvaluateOptions {
  /** Ask staged policies as if they were enforced: the verdict that is pending. */
  pending?: boolean
}

/** IP in IP: dropped from pods before any policy. */
const ipInIp = 4

/**
 * Whether a new flow passes, and which policy and rule decided on either side. Replies to a flow that passed are
 * allowed by connection tracking and need no question of their own.
 * @throws LabError `not-found` for a pod that is not in the model.
 */
export function evaluate(model: Model, flow: Flow, { pending = false }: EvaluateOptions = {}): FlowVerdict {
  const { source, destination } = placesOf(model, flow)
  const packet = packetOf(flow, destination.party.version)
  const unseen = unseenBecause({ flow, source, destination })
  if (unseen) return { verdict: 'allowed', egress: null, ingress: null, reason: unseen }

  const remote = source.kind === 'host' ? asSeenRemotely(model, source) : source.party
  const ends = { source: remote, destination: destination.party }
  const ask = (place: Place, direction: Direction): DirectionVerdict | null =>
    place.kind === 'pod' ? walk({ model, endpoint: place.endpoint, direction, packet, ends, pending }) : null

  const egress = guard(model, source, packet) ?? ask(source, 'egress')
  const ingress = ask(destination, 'ingress')
  const toHostDropped = model.options.endpointToHost === 'drop' && isToOwnHost(source, destination)
  const denied = egress?.verdict === 'denied' || ingress?.verdict === 'denied' || toHostDropped
  const reason = reasonOf({ source, destination, egress, ingress, toHostDropped })
  return { verdict: denied ? 'denied' : 'allowed', egress, ingress, reason }
}

interface Question {
  flow: Flow
  source: Place
  destination: Place
}

/** Traffic that no policy ever sees. */
function unseenBecause({ flow, source, destination }: Question): string | null {
  if (destination.kind !== 'pod')
    return source.kind === 'pod' ? null : 'no pod is at either end, and host policy is not modelled'
  const { id, node } = destination.endpoint
  if (source.kind === 'pod' && source.endpoint.id === id && !flow.viaService)
    return `${id} talks to its own address: the traffic never leaves its network namespace`
  if (source.kind === 'host' && source.node === node && node !== '')
    return `a node always reaches its own pods: ${source.node} runs ${id}`
  return null
}

/** Encapsulation that a pod makes itself is dropped, so that it cannot slip past the policies of others. */
function guard({ options }: Model, source: Place, { protocol, port }: Packet): DirectionVerdict | null {
  const vxlan = protocol === protocolNumbers.UDP && port === options.vxlanPort
  if (source.kind !== 'pod' || !(vxlan || protocol === ipInIp)) return null
  const name = vxlan ? 'VXLAN from a pod' : 'IP in IP from a pod'
  const decidedBy = { apiVersion: '', kind: 'Guard', namespace: null, name, tier: '', rule: null }
  return { verdict: 'denied', decidedBy, trace: [] }
}

function isToOwnHost(source: Place, destination: Place): boolean {
  return source.kind === 'pod' && destination.kind === 'host' && source.endpoint.node === destination.node
}
