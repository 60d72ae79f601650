import type { Direction } from '../rules.ts'
import type { Catalog } from './catalog.ts'
import type { Endpoint, LabelClass } from './endpoint.ts'
import type { Policy } from './policy.ts'
import type { Tier } from './tier.ts'

/** What the cluster's own configuration says that no policy does. */
export interface ModelOptions {
  /** Traffic of a pod to its own node, after the pod's egress policy; Calico's manifests say `accept`. */
  endpointToHost?: 'accept' | 'drop'
  /** Whether a node talks to pods of other nodes from its tunnel address (VXLAN or IPIP always). */
  encapsulated?: boolean
  /** UDP port of VXLAN: no pod may send to it. */
  vxlanPort?: number
}

/** A cluster's endpoints and policies, ready to answer questions. Immutable; selectors are looked up lazily. */
export interface Model {
  readonly catalog: Catalog
  readonly tiers: Tier[]
  readonly options: Required<ModelOptions>
  /** What is present and changes nothing here although it might on a cluster, a sentence each. */
  readonly unsupported: string[]
  /** What was taken for granted because nothing was given, a sentence each. */
  readonly assumptions: string[]
  /** The pods that policies apply to, by `namespace/pod`. */
  readonly pods: ReadonlyMap<string, Endpoint>
  /** The tiers and policies that govern an endpoint in a direction, in evaluation order. */
  plan(endpoint: Endpoint, direction: Direction): TierPlan[]
}

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

/** A function that computes each class's plan once. */
export function planner(tiers: Tier[]): Model['plan'] {
  const plans = { ingress: new Map<LabelClass, TierPlan[]>(), egress: new Map<LabelClass, TierPlan[]>() }
  return ({ labelClass }, direction) => {
    let plan = plans[direction].get(labelClass)
    if (!plan) {
      plan = tiers.flatMap((tier) => planTier(tier, labelClass, direction) ?? [])
      plans[direction].set(labelClass, plan)
    }
    return plan
  }
}

function planTier(tier: Tier, { namespace, labels }: LabelClass, direction: Direction): TierPlan | null {
  const policies = tier.policies.filter(
    ({ ref, rules, selects }) =>
      rules[direction] !== null && (ref.namespace === null || ref.namespace === namespace) && selects(labels),
  )
  if (policies.length === 0) return null
  const endOwner = policies.findLast(({ staged }) => !staged) ?? null
  return { tier, policies, endOwner, endAction: endOwner ? tier.endAction : 'pass' }
}
