export { describeType, type Parameter } from './parameters.ts'
export { BadValues, type Rendering, renderTemplate } from './render.ts'
export { displayPath, listTemplates, loadTemplate, parseTemplate, type Template } from './template.ts'
