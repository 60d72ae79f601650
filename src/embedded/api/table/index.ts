export { pathColumn } from './path-column.ts'
export { type TableOptions, tableOf } from './table.ts'
export { selectorText } from './texts.ts'
