export type { Lab, LabSummary, Manifest, PodCommand, Step } from './lab.ts'
export { checkLabFile, type LabFile, labFileSchema } from './lab-file.ts'
export {
  listTemplates,
  loadTemplate,
  type Rendering,
  renderTemplate,
  type Template,
} from './templates/index.ts'
