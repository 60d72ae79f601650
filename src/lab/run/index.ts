export { type LabContext, type LabEvent, runLab } from './run-lab.ts'
