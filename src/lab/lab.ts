import type { KubernetesObject } from '../kubernetes-object.ts'
import type { Edge, ExpectedCell } from '../matrix/index.ts'

/** A lab, ready to run: every template rendered, every file read, every matrix parsed. */
export interface Lab {
  id: string
  title: string
  level: 'beginner' | 'intermediate' | 'advanced'
  minutes: number
  seeds: string[]
  intro: string | null
  /** Where it was read from: the folder of `lab.yaml`. */
  folder: string
  nodes: number
  /** Policy APIs that the cluster must enforce. */
  requires: string[]
  probeTimeoutMs: number | null
  manifests: Manifest[]
  steps: Step[]
}

/** Objects and the text that a reader is shown for them. */
export interface Manifest {
  /** `template default-deny`, `file workloads.yaml`, `inline manifest`. */
  source: string
  /** Where it was read, as messages show it; null where it was made or stands in `lab.yaml`. */
  file: string | null
  yaml: string
  objects: KubernetesObject[]
}

export interface Step {
  name: string
  title: string
  teach: string | null
  look: string | null
  /** The step shows what people do wrong: its expectation is the wrong outcome. */
  mistake: boolean
  apply: Manifest[]
  delete: ObjectRef[]
  run: PodCommand[]
  expect: Expected | null
  explain: Edge[]
  inspect: string[]
  hints: string[]
}

/** An expected matrix: the cells of the table, then those that `others` adds. */
export interface Expected {
  cells: ExpectedCell[]
}

export interface ObjectRef {
  apiVersion: string
  kind: string
  name: string
  namespace?: string
}

export interface PodCommand {
  /** `namespace/pod`. */
  pod: string
  container: string | null
  command: string[]
  /** Exit code that is expected, null if any will do. */
  code: number | null
  /** What the output must match. */
  output: RegExp | null
  timeoutMs: number
}

/** A line of `ztlab lab list`. */
export interface LabSummary {
  id: string
  title: string
  level: string
  minutes: number
  steps: number
  folder: string
}
