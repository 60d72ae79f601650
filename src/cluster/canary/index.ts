export { type Canary, canaryObjects, createCanary, usesTiers } from './canary.ts'
export type { CanaryChoices } from './choices.ts'
export { agnhostImage, canaryNamespace, canaryService } from './objects.ts'
