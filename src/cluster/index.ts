export { agnhostImage } from './canary/index.ts'
export type {
  Abilities,
  BackendName,
  Check,
  Cluster,
  ClusterBackend,
  ClusterSpec,
  LoadRequest,
  NodeRef,
  OwnObjects,
  Progress,
  SettleOptions,
} from './cluster.ts'
export { type Flow, type FlowOptions, flowKey, type PolicyHit } from './flow.ts'
export { backendNames, selectBackend } from './select.ts'
