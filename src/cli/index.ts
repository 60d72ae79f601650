export { renderError } from './render-error.ts'
export { runCli } from './run.ts'
