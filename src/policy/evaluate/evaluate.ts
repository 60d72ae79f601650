import type { Model } from '../model/index.ts'
import type { Flow } from './flow.ts'
import type { Gate, Walk } from './gate.ts'
import type { Place } from './place.ts'
import { type Question, questionOf } from './question.ts'
import { reasonOf } from './reason.ts'
import type { Decider, DirectionVerdict, FlowVerdict } from './verdict.ts'
import { walk } from './walk.ts'

export interface EvaluateOptions {
  /** Ask staged policies as if they were enforced: the verdict that is pending. */
  pending?: boolean
}

/**
 * Whether a new flow passes, and which policy and rule decided on either side. Replies to a flow that passed are
 * allowed by connection tracking and need no question of their own.
 * @throws LabError `not-found` for a pod that is not in the model.
 */
export function evaluate(model: Model, flow: Flow, { pending = false }: EvaluateOptions = {}): FlowVerdict {
  return answer(model, questionOf(model, flow, pending))
}

/** The verdict on a flow that was put as questions. */
export function answer(model: Model, question: Question): FlowVerdict {
  const { source, unseen, guarded, isToOwnHost } = question
  if (unseen) return { verdict: 'allowed', egress: null, ingress: null, reason: unseen }
  const egress = guarded ? dropped(source, guarded) : (decide(question.egress)?.verdict ?? null)
  const ingress = decide(question.ingress)?.verdict ?? null
  const toHostDropped = model.options.endpointToHost === 'drop' && isToOwnHost
  const denied = egress?.verdict === 'denied' || ingress?.verdict === 'denied' || toHostDropped
  const reason = reasonOf({ egress, ingress, toHostDropped })
  return { verdict: denied ? 'denied' : 'allowed', egress, ingress, reason }
}

/** A question and its answer. */
export interface Decided {
  walk: Walk
  verdict: DirectionVerdict
}

/** The first gate that denies, else what the pod says, else the first HostEndpoint that says anything. */
export function decide(gates: Gate[]): Decided | null {
  const decided = gates.flatMap((gate) => firstDecided(gate) ?? [])
  return (
    decided.find(({ verdict }) => verdict.verdict === 'denied') ??
    decided.find(({ walk }) => walk.stage === 'pod') ??
    decided[0] ??
    null
  )
}

function firstDecided(gate: Gate): Decided | null {
  for (const asked of gate) {
    const verdict = walk(asked)
    if (verdict) return { walk: asked, verdict }
  }
  return null
}

function dropped(source: Place, name: string): DirectionVerdict {
  const endpoint = source.kind === 'pod' ? source.endpoint.id : source.party.text
  const decidedBy = guardDecider(name)
  return { verdict: 'denied', endpoint, stage: 'pod', direction: 'egress', decidedBy, trace: [] }
}

export function guardDecider(name: string): Decider {
  return { apiVersion: '', kind: 'Guard', namespace: null, name, tier: '', rule: null }
}
