export { type ClusterPods, whyNot } from './filter.ts'
export { matchesNodeAffinity } from './node-affinity.ts'
export { preference } from './prefer.ts'
export { untoleratedTaint } from './taints.ts'
