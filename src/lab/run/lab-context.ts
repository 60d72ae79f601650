import type { Cluster } from '../../cluster/index.ts'
import type { KubeClient } from '../../kube/index.ts'
import type { ClusterView, Decide } from '../../matrix/index.ts'
import type { StepRun } from '../../report/index.ts'
import type { Lab, Step } from '../lab.ts'
import type { Bounds } from './bounds.ts'

/** What a run is made with. */
export interface LabContext {
  lab: Lab
  cluster: Cluster
  kube: KubeClient
  /** Predicts from what the cluster holds; default: the policy engine. Null leaves predictions out. */
  engine?: ((view: ClusterView) => Decide) | null
  /** Told of everything as it happens, in order. */
  onEvent?: (event: LabEvent) => void
  signal?: AbortSignal
  /** Asked before each step, for a walk with a prompt. */
  beforeStep?: (step: Step, index: number) => Promise<void>
  /** The Linux objects of a pod as text, for `inspect`. */
  inspectPod?: (pod: string) => Promise<string>
  /** Leave what the run made: the cluster is deleted afterwards, or kept for hands-on work. Default false. */
  keepObjects?: boolean
  /** How far a run may go on a cluster that is not ours; left out where it is ours. */
  bounds?: Bounds
}

export type LabEvent =
  | { type: 'doing'; title: string }
  | { type: 'step-started'; step: Step; index: number }
  | { type: 'step-ended'; step: StepRun; index: number }
  | { type: 'cleanup-failed'; problem: string }
