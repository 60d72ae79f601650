import type { Endpoint, LabelClass, Model, Policy, Rule, TierPlan } from '../model/index.ts'
import type { Direction } from '../rules.ts'

/** What is left out of a model. */
export interface LeftOut {
  rules: ReadonlySet<Rule>
  policies: ReadonlySet<Policy>
}

/** The same model without some rules and policies. A policy without rules goes on isolating; one that is gone does not. */
export function reducedModel(model: Model, { rules, policies }: LeftOut): Model {
  const plans = { ingress: new Map<LabelClass, TierPlan[]>(), egress: new Map<LabelClass, TierPlan[]>() }
  return {
    ...model,
    plan(endpoint: Endpoint, direction: Direction) {
      const known = plans[direction].get(endpoint.labelClass)
      if (known) return known
      const plan = model
        .plan(endpoint, direction)
        .flatMap((tier) => reducedPlan(tier, direction, { rules, policies }) ?? [])
      plans[direction].set(endpoint.labelClass, plan)
      return plan
    },
  }
}

function reducedPlan(plan: TierPlan, direction: Direction, { rules, policies }: LeftOut): TierPlan | null {
  const kept = plan.policies.filter((policy) => !policies.has(policy))
  if (kept.length === 0) return null
  const endOwner = kept.findLast(({ staged }) => !staged) ?? null
  return {
    ...plan,
    policies: kept.map((policy) => withoutRules(policy, direction, rules)),
    endOwner,
    endAction: endOwner ? plan.tier.endAction : 'pass',
  }
}

function withoutRules(policy: Policy, direction: Direction, rules: ReadonlySet<Rule>): Policy {
  const own = policy.rules[direction]!
  if (!own.some((rule) => rules.has(rule))) return policy
  return { ...policy, rules: { ...policy.rules, [direction]: own.filter((rule) => !rules.has(rule)) } }
}
