import { nodeSteps } from './steps/nodes.ts'
import { podSteps } from './steps/pods.ts'
import { readingSteps } from './steps/reading.ts'
import { workloadSteps } from './steps/workloads.ts'
import { writingSteps } from './steps/writing.ts'

/** What a user types, and what it says. The same on every cluster, unless `test/e2e/kubectl/known-differences.ts` says why not. */
export interface Step {
  /** A line of bash. */
  run: string
  stdin?: string
  /** A line of bash that is typed before, until it succeeds: for what nobody says a word of, such as that an Event is written. */
  when?: string
  /** What standard output has to say, whatever cluster it is. */
  says?: RegExp
  /** What standard error has to say. */
  complains?: RegExp
  /** Default 0. */
  code?: number
  /** Why its output is not held against that of another cluster. */
  incomparable?: string
  /** Lines that come in any order. */
  unordered?: true
}

/** Steps that build on each other, in a namespace of their own. */
export type Section = Step[]

export const sections: Record<string, Section> = {
  reading: readingSteps,
  writing: writingSteps,
  workloads: workloadSteps,
  pods: podSteps,
  nodes: nodeSteps,
}
