export { startEviction } from './eviction.ts'
export { Kubelet, type KubeletOptions } from './kubelet.ts'
export { type KubeletServerOptions, startKubeletServer } from './server.ts'
