export type { LabContext, LabEvent } from './lab-context.ts'
export { runLab } from './run-lab.ts'
