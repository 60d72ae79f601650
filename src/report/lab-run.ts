import type { ComparedCell } from '../matrix/index.ts'

/** What a run of a lab came to. `--output json` prints it as it is. */
export interface LabRun {
  apiVersion: 'ztlab.dev/v1'
  kind: 'LabRun'
  lab: { id: string; title: string }
  cluster: {
    name: string
    backend: string
    nodes: number
    /** Predicted and measured come from one policy model: their agreeing proves less. */
    sharesPolicyModel: boolean
  }
  /** The label `ztlab.dev/run` of all that the run made. */
  runId: string
  startedAt: string
  steps: StepRun[]
  ok: boolean
  durationMs: number
}

export interface StepRun {
  name: string
  title: string
  teach: string | null
  look: string | null
  mistake: boolean
  applied: AppliedManifest[]
  /** `Kind namespace/name`. */
  deleted: string[]
  commands: CommandRun[]
  cells: ComparedCell[]
  explanations: Explanation[]
  inspections: Inspection[]
  ok: boolean
  /** Of the whole step. */
  durationMs: number
  /** From the last write to enforced on every node; null where nothing was written. */
  settleMs: number | null
  /** Execs that the matrix took. */
  execs: number
  measureMs: number
}

export interface AppliedManifest {
  source: string
  yaml: string
  /** `Kind namespace/name`. */
  objects: string[]
}

export interface CommandRun {
  pod: string
  command: string[]
  code: number | null
  /** stdout, then stderr. */
  output: string
  ok: boolean
  /** Why it is not as expected; null where it is. */
  reason: string | null
}

export interface Explanation {
  edge: string
  text: string
}

export interface Inspection {
  pod: string
  text: string
}
