export { type ClusterView, type PodView, readCluster, viewOf } from './cluster-view.ts'
export { compare, type Question } from './compare.ts'
export { type Destination, parseDestination } from './destination.ts'
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
export {
  between,
  type ExpectedTable,
  type Port,
  parseExpectedTable,
  parsePort,
  type TableProblem,
} from './expected-table.ts'
export { type EdgeFlow, flowsOf } from './flows.ts'
export { foreignPolicies } from './foreign-policies.ts'
export type { Cell, ComparedCell, Comparison, ExpectedCell } from './matrix.ts'
export { type MatrixRequest, measureMatrix } from './measure-matrix.ts'
export { policyEngine } from './policy-engine.ts'
export { type Decide, type Decision, type Prediction, predict } from './predict.ts'
