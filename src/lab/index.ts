export type { Lab, LabSummary, Manifest, PodCommand, Step } from './lab.ts'
export { checkLabFile, type LabFile, labFileSchema } from './lab-file.ts'
