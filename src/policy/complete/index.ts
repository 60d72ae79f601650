export { type CompletedModel, type CompleteOptions, completeModel } from './complete.ts'
export { podNetworksOf, spareAddresses, withAddresses } from './pod-addresses.ts'
export { podsOfService, type ServicePort, serviceSlices, targetPortOf } from './service-slices.ts'
export { workloadPods } from './workload-pods.ts'
