import { describePolicy } from '../model/index.ts'
import type { Direction } from '../rules.ts'
import type { Place } from './place.ts'
import type { Decider, DirectionVerdict } from './verdict.ts'

export interface Outcome {
  source: Place
  destination: Place
  egress: DirectionVerdict | null
  ingress: DirectionVerdict | null
  toHostDropped: boolean
}

/** One sentence: the side that denied, or what allowed on both sides. */
export function reasonOf({ source, destination, egress, ingress, toHostDropped }: Outcome): string {
  const sides = [
    sentence('egress', source, egress),
    sentence('ingress', destination, ingress),
    toHostDropped ? 'traffic from a pod to its own node is dropped (DefaultEndpointToHostAction)' : null,
  ]
  const denied = [egress?.verdict === 'denied', ingress?.verdict === 'denied', toHostDropped]
  const decisive = sides.filter((side, index) => side !== null && (denied[index] || !denied.includes(true)))
  return decisive.join('; ')
}

/** `end of tier default (isolated by NetworkPolicy shop/default-deny)`, `rule 0 (allow) of …`. */
export function decisionText({ decidedBy, trace }: DirectionVerdict): string {
  const last = trace.at(-1)
  if (decidedBy.kind === 'Guard') return `${decidedBy.name} is dropped before any policy`
  if (decidedBy.kind === 'Profile') return profileText(trace.length)
  if (decidedBy.rule === null)
    return `end of tier ${decidedBy.tier} (isolated by ${describePolicy(decidedBy)})`
  return `rule ${decidedBy.rule} (${last?.action}) of ${describePolicy(decidedBy)}${tierText(decidedBy)}`
}

function sentence(direction: Direction, place: Place, verdict: DirectionVerdict | null): string | null {
  if (!verdict || place.kind !== 'pod') return null
  return `${direction} of ${place.endpoint.id}: ${decisionText(verdict)}`
}

function profileText(hits: number): string {
  return hits > 1 ? 'every tier passed it on, so it is allowed' : 'no policy governs it'
}

function tierText({ tier }: Decider): string {
  return tier === 'default' ? '' : ` in tier ${tier}`
}
