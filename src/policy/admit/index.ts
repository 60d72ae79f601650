export { type AdmitOptions, admit, isPolicyKind } from './admit.ts'
export { type FieldProblem, formatProblem, pathText } from './problem.ts'
