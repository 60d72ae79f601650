export { type AdmitOptions, admit, isPolicyKind } from './admit.ts'
export { type FieldProblem, formatProblem, pathText } from './problem.ts'
export { policyKinds } from './shapes.ts'
export { didYouMean, mostSimilar } from './similar.ts'
