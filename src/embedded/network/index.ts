export {
  blockPrefix,
  hostInterface,
  type NodeAddresses,
  nodeAddresses,
  nodeNetwork,
  podNetworks,
  serviceNetworks,
  tunnelAddress,
  tunnels,
  underlayGateways,
} from './addresses.ts'
export { apiEndpoint, startApiRelay } from './api-relay.ts'
export { createOutside, outsideHost } from './outside.ts'
export { type PodAttachment, PodNetwork, removeOtherNetworks } from './pod-network.ts'
export { createUnderlay, linkedNodes } from './underlay.ts'
