export {
  type CounterFields,
  type CounterKind,
  type CounterMeaning,
  counterName,
  readCounterName,
} from './counter-name.ts'
export { diff } from './diff.ts'
export { endpointChainName } from './endpoint-chain.ts'
export { type Felix, type FelixOptions, startFelix } from './felix.ts'
export { interfaceName } from './interface-name.ts'
export type { FelixNode } from './node-programmer.ts'
export { policyChainName } from './policy-chain.ts'
export { type RenderOptions, render } from './render.ts'
export { type Rendering, tableName } from './rendering.ts'
