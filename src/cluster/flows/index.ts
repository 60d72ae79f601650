export { type FlowSource, observeFlows } from './observe.ts'
