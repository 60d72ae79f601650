import type { Direction } from '../rules.ts'

export interface FlowVerdict {
  verdict: 'allowed' | 'denied'
  /** What the source's policies say; null where none is asked (not a pod, or traffic that they never see). */
  egress: DirectionVerdict | null
  /** The same of the destination's. */
  ingress: DirectionVerdict | null
  /** One sentence: what decided. */
  reason: string
}

export interface DirectionVerdict {
  verdict: 'allowed' | 'denied'
  decidedBy: Decider
  /** One deciding hit per tier, then perhaps the profile's. Policies without a match and Log rules leave none. */
  trace: Hit[]
}

/** The policy that decided. For the end of a tier: the last of its policies that is enforced. */
export interface Decider {
  apiVersion: string
  /** As its author writes it; `Profile` where no policy decided, `Guard` for what Calico drops before any policy. */
  kind: string
  namespace: string | null
  name: string
  tier: string
  /** Index of the rule in its YAML list; null for the end of a tier. */
  rule: number | null
}

/** What one tier did with the flow. */
export interface Hit extends Decider {
  direction: Direction
  /** Position in the trace. */
  index: number
  action: 'allow' | 'deny' | 'pass'
  /** Index in Calico's own list, where one Kubernetes rule becomes one per protocol and peer; -1 at a tier's end. */
  ruleIndex: number
  staged: boolean
}
