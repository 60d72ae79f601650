export { type Exposed, type Exposure, exposureOf } from './exposure.ts'
export type { Newcomer } from './newcomers.ts'
