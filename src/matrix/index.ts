export {
  describeEdge,
  type Edge,
  type Expectation,
  edgeKey,
  meets,
  type Protocol,
  type Verdict,
  verdicts,
} from './edge.ts'
export type { Cell, ComparedCell, Comparison, ExpectedCell } from './matrix.ts'
