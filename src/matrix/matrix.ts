import type { Edge, Expectation, Verdict } from './edge.ts'

/** A cell that was measured or predicted: the verdict and why. */
export interface Cell extends Edge {
  verdict: Verdict
  /** One sentence: the policy and rule that decided, or what the probe printed. */
  reason: string
}

/** A cell as a lab's author wrote it. */
export interface ExpectedCell extends Edge {
  expectation: Expectation
}

/** Three answers to one question, and which of them is the odd one out. */
export interface ComparedCell extends Edge {
  expected: Expectation | null
  predicted: Verdict | null
  measured: Verdict
  /** Why it was measured so, and by which policy and rule the engine decided. */
  reason: string
  predictedReason: string | null
  ok: boolean
  /** Set where the three disagree; `all` when no two agree. */
  oddOneOut: 'expected' | 'predicted' | 'measured' | 'all' | null
}

export interface Comparison {
  cells: ComparedCell[]
  ok: boolean
  /** Execs that the measurement took, and how long it took. */
  execs: number
  durationMs: number
}
