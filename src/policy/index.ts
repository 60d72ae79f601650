/**
 * Kubernetes and Calico network policy: defaults and validation, a model of what a cluster's objects mean, the
 * verdict on a flow, and the same model as plain rules. Pure: no I/O.
 */
export {
  type AdmitOptions,
  admit,
  didYouMean,
  type FieldProblem,
  fitShape,
  formatProblem,
  fromStorage,
  isCalicoPolicy,
  isPolicyKind,
  mostSimilar,
  namesNear,
  objectShape,
  Problems,
  pathText,
  policyKinds,
  type Shape,
  storedVersion,
} from './admit/index.ts'
export { builtInTiers } from './built-in-tiers.ts'
export {
  type CompletedModel,
  type CompleteOptions,
  completeModel,
  serviceSlices,
  targetPortOf,
} from './complete/index.ts'
export { describeDecider } from './describe-decider.ts'
export { diffModels, type EdgeChange, type PolicyDiff } from './diff.ts'
export {
  askedText,
  type Decider,
  type DirectionVerdict,
  decisionText,
  type EvaluateOptions,
  evaluate,
  type Flow,
  type FlowVerdict,
  type Hit,
  type NodePort,
} from './evaluate/index.ts'
export { type AskedPolicy, type Explanation, explain, type SideExplanation } from './explain.ts'
export { type Exposed, type Exposure, exposureOf, type Newcomer } from './exposure/index.ts'
export {
  assignSuppressions,
  type Finding,
  isAtLeast,
  type LintOptions,
  type LintReport,
  type LintRule,
  lint,
  lintRules,
  type RuleText,
  type Severity,
  type Suppression,
  severities,
  suppressionRules,
} from './lint/index.ts'
export { lower } from './lower.ts'
export {
  type Actor,
  type ActorClass,
  type CellCount,
  type ConnectionMatrix,
  type ConnectionProtocol,
  type Connections,
  connectionMatrix,
  connectionProtocols,
  countCells,
  type Decision,
  type MatrixCell,
  type MatrixPort,
  type PolicyMatrix,
  type PortMatrix,
  policyMatrix,
  verdicts,
} from './matrix/index.ts'
export { buildModel, describePolicy, type Model, type ModelOptions, type PolicyRef } from './model/index.ts'
export type { NearestMiss } from './nearest-miss.ts'
export { type PortSet as Ports, portSetText, withoutPorts } from './port-set.ts'
export { type ProtocolName, protocolNumber, protocolNumbers, protocolText } from './protocol.ts'
export type * from './rules.ts'
export { compileSelector, type Labels, type Selector, selectorText } from './selector.ts'
export { type ParsedSelector, parseSelector } from './selector-parser.ts'
