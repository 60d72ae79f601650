export {
  hostInterface,
  type NodeAddresses,
  nodeAddresses,
  podNetwork,
  serviceNetwork,
  tunnelAddress,
  underlayGateway,
} from './addresses.ts'
export { type PodAttachment, PodNetwork } from './pod-network.ts'
export { createUnderlay } from './underlay.ts'
