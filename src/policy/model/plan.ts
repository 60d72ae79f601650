import type { Direction } from '../rules.ts'
import type { Catalog } from './catalog.ts'
import type { Endpoint, LabelClass } from './endpoint.ts'
import type { Policy } from './policy.ts'
import type { Tier } from './tier.ts'

/** The tiers and policies that govern an endpoint in a direction, in evaluation order. */
export type Plan = (endpoint: Endpoint, direction: Direction) => TierPlan[]

/** A tier as one endpoint meets it in one direction. */
export interface TierPlan {
  tier: Tier
  /** Staged ones among them. */
  policies: Policy[]
  /** `pass` where no policy of it is enforced. */
  endAction: 'deny' | 'pass'
  /** Who is blamed at the end of the tier: the last policy that is enforced. */
  endOwner: Policy | null
}

/** A function that knows the plan of every class; equal plans are one array. */
export function planner(tiers: Tier[], catalog: Catalog): Plan {
  const plans: Partial<Record<Direction, Map<LabelClass, TierPlan[]>>> = {}
  return ({ labelClass }, direction) => {
    plans[direction] ??= plansOf({ tiers, catalog, direction })
    return plans[direction].get(labelClass) ?? ungoverned
  }
}

const ungoverned: TierPlan[] = []

interface Governor {
  tier: Tier
  policy: Policy
  /** Its place among all policies. */
  rank: number
}

/** From each policy to the classes that it selects: a class is touched only by what governs it. */
function plansOf({ tiers, catalog, direction }: { tiers: Tier[]; catalog: Catalog; direction: Direction }) {
  const governors = new Map<LabelClass, Governor[]>()
  let rank = 0
  for (const tier of tiers)
    for (const policy of tier.policies) {
      rank++
      if (policy.rules[direction] === null) continue
      for (const labelClass of catalog.selected(policy.subject)) {
        const known = governors.get(labelClass)
        if (known) known.push({ tier, policy, rank })
        else governors.set(labelClass, [{ tier, policy, rank }])
      }
    }
  const shared = new Map<string, TierPlan[]>()
  return new Map([...governors].map(([labelClass, list]) => [labelClass, sharedPlan(list, shared)]))
}

function sharedPlan(governors: Governor[], shared: Map<string, TierPlan[]>): TierPlan[] {
  const key = governors.map(({ rank }) => rank).join()
  const known = shared.get(key)
  if (known) return known
  const tiers = [...new Set(governors.map(({ tier }) => tier))]
  const plan = tiers.map((tier) => {
    const policies = governors.filter((one) => one.tier === tier).map(({ policy }) => policy)
    const endOwner = policies.findLast(({ staged }) => !staged) ?? null
    return { tier, policies, endOwner, endAction: endOwner ? tier.endAction : ('pass' as const) }
  })
  shared.set(key, plan)
  return plan
}
