export { type EvaluateOptions, evaluate } from './evaluate.ts'
export type { Flow } from './flow.ts'
export { decisionText } from './reason.ts'
export type { Decider, DirectionVerdict, FlowVerdict, Hit } from './verdict.ts'
