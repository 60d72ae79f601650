import type { Endpoint, Model } from '../model/index.ts'
import type { Direction, HostStage } from '../rules.ts'
import type { Packet } from './flow.ts'
import type { Ends } from './match.ts'

/** One endpoint asked about one flow in one direction. */
export interface Walk {
  model: Model
  endpoint: Endpoint
  /** A pod's policies, or which of a HostEndpoint's. */
  stage: 'pod' | HostStage
  direction: Direction
  packet: Packet
  ends: Ends
  /** Ask a pod's staged policies too, as if they were enforced. */
  pending: boolean
}

/** Asked one after the other until one decides; what none decides goes on. */
export type Gate = Walk[]

export type PodWalk = Walk & { stage: 'pod' }
