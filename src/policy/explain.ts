import type { DirectionVerdict } from './evaluate/index.ts'
import {
  answer,
  decide,
  type Flow,
  type FlowVerdict,
  type Gate,
  plansOf,
  questionOf,
  type Walk,
} from './evaluate/index.ts'
import type { Model, Policy, PolicyRef, TierPlan } from './model/index.ts'
import { type NearestMiss, nearestMiss } from './nearest-miss.ts'
import { ruleText } from './rule-text.ts'

/** Why a flow passes or not: the verdict, what was asked on either side, and what would have changed it. */
export interface Explanation {
  verdict: FlowVerdict
  egress: SideExplanation | null
  ingress: SideExplanation | null
}

export interface SideExplanation {
  /** Whose policies were asked: `namespace/pod`, or the HostEndpoint that denied. */
  endpoint: string
  /** The tiers that govern it in this direction, in order, up to the one that decided. */
  tiers: { name: string; policies: AskedPolicy[] }[]
  /** The rule that decided, in words: what it asked for, all of which held. Null where none did. */
  rule: string | null
  /** The rule that came closest to allowing what was denied. */
  nearestMiss: NearestMiss | null
}

export interface AskedPolicy extends PolicyRef {
  staged: boolean
  /** What it did: the rule that matched, by its index, or nothing. */
  hit: { rule: number; action: 'allow' | 'deny' | 'pass' } | null
  /** Canonical text of the selector that chose the endpoint. */
  subject: string
}

/** @throws LabError `not-found` for a pod that is not in the model. */
export function explain(model: Model, flow: Flow): Explanation {
  const question = questionOf(model, flow, false)
  const verdict = answer(model, question)
  return {
    verdict,
    egress: explainSide(question.egress, verdict.egress),
    ingress: explainSide(question.ingress, verdict.ingress),
  }
}

function explainSide(gates: Gate[], verdict: DirectionVerdict | null): SideExplanation | null {
  if (!verdict) return null
  const nothing = { endpoint: verdict.endpoint, tiers: [], rule: null, nearestMiss: null }
  if (['Guard', 'Failsafe'].includes(verdict.decidedBy.kind)) return nothing
  const question = decide(gates)!.walk
  const { endpoint } = question
  const plans = plansOf(question)
  const last = plans.findIndex(({ tier }) => tier.name === verdict.decidedBy.tier)
  const asked = last === -1 ? plans : plans.slice(0, last + 1)
  const tiers = asked.map(({ tier, policies }) => ({
    name: tier.name,
    policies: policies.map((policy) => ({
      ...policy.ref,
      staged: policy.staged,
      hit: hitOf(policy, verdict),
      subject: policy.subjectText,
    })),
  }))
  const denied = verdict.verdict === 'denied'
  return {
    endpoint: endpoint.id,
    tiers,
    rule: decidingRule(question, verdict, asked),
    nearestMiss: denied ? nearestMiss(question, verdict, asked) : null,
  }
}

function hitOf(policy: Policy, { trace }: DirectionVerdict): AskedPolicy['hit'] {
  const hit = trace.find((one) => isOf(policy, one) && one.rule !== null)
  return hit ? { rule: hit.rule!, action: hit.action } : null
}

function decidingRule({ direction }: Walk, { trace }: DirectionVerdict, asked: TierPlan[]): string | null {
  const last = trace.at(-1)!
  const policy = asked.flatMap(({ policies }) => policies).find((one) => isOf(one, last))
  // At the end of a tier the index is -1.
  const rule = policy?.rules[direction]?.[last.ruleIndex]
  return rule ? ruleText(rule) : null
}

function isOf({ ref }: Policy, { apiVersion, kind, namespace, name }: PolicyRef): boolean {
  return (
    ref.apiVersion === apiVersion && ref.kind === kind && ref.namespace === namespace && ref.name === name
  )
}
