export { type CompletedModel, type CompleteOptions, completeModel } from './complete.ts'
