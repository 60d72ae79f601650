export { type DataFolders, dataFolders } from './folders.ts'
export type { Lab, LabSummary, Manifest, PodCommand, Step } from './lab.ts'
export { checkLabFile, type LabFile, labFileSchema } from './lab-file.ts'
export { listLabs } from './list-labs.ts'
export { loadLab } from './load-lab.ts'
export { parseManifest } from './manifests.ts'
export { type LabContext, type LabEvent, runLab } from './run/index.ts'
export {
  BadValues,
  describeType,
  listTemplates,
  loadTemplate,
  type Parameter,
  type Rendering,
  renderTemplate,
  type Template,
} from './templates/index.ts'
