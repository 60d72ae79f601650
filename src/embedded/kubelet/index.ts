export { Checkpoints, knownIds, type PodCheckpoint } from './checkpoint.ts'
export { startEviction } from './eviction.ts'
export { Kubelet, type KubeletOptions } from './kubelet.ts'
export { type KubeletServerOptions, startKubeletServer } from './server.ts'
