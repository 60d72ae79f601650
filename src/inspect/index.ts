export type { Inspection } from './inspection.ts'
export { inspectPod } from './pod.ts'
export { renderInspection } from './render.ts'
