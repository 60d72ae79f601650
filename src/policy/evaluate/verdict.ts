import type { Direction, HostStage } from '../rules.ts'

export interface FlowVerdict {
  verdict: 'allowed' | 'denied'
  /**
   * The first denial on the way out of the source, else what the source's own policies say; null where none is asked
   * (outside, a host without HostEndpoint, or traffic that they never see).
   */
  egress: DirectionVerdict | null
  /** The same of the destination. */
  ingress: DirectionVerdict | null
  /** One sentence: what decided. */
  reason: string
}

export interface DirectionVerdict {
  verdict: 'allowed' | 'denied'
  /** Who was asked: `namespace/pod`, or a HostEndpoint by name. */
  endpoint: string
  /** A pod's policies, or which of a HostEndpoint's. */
  stage: 'pod' | HostStage
  /** In which its policies were asked: traffic that leaves a pod comes into its host. */
  direction: Direction
  decidedBy: Decider
  /** One deciding hit per tier, then perhaps the profile's. Policies without a match and Log rules leave none. */
  trace: Hit[]
}

/** The policy that decided. For the end of a tier: the last of its policies that is enforced. */
export interface Decider {
  apiVersion: string
  /**
   * As its author writes it; `Profile` where no policy decided, `Guard` for what Calico drops before any policy,
   * `Failsafe` for ports of a host that no policy closes, `HostEndpoint` where it has no profile that allows.
   */
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
