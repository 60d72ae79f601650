import type { ResourceType } from './api-client.ts'

const core = (plural: string, namespaced = true): ResourceType => ({
  groupVersion: 'api/v1',
  plural,
  namespaced,
})
const calico = (plural: string, namespaced = true): ResourceType => ({
  groupVersion: 'apis/projectcalico.org/v3',
  plural,
  namespaced,
})

/** The kinds that the node agent and the controllers work with. */
export const resources = {
  namespaces: core('namespaces', false),
  nodes: core('nodes', false),
  pods: core('pods'),
  services: core('services'),
  configMaps: core('configmaps'),
  secrets: core('secrets'),
  persistentVolumeClaims: core('persistentvolumeclaims'),
  serviceAccounts: core('serviceaccounts'),
  events: core('events'),
  endpoints: core('endpoints'),
  leases: { groupVersion: 'apis/coordination.k8s.io/v1', plural: 'leases', namespaced: true },
  priorityClasses: {
    groupVersion: 'apis/scheduling.k8s.io/v1',
    plural: 'priorityclasses',
    namespaced: false,
  },
  endpointSlices: { groupVersion: 'apis/discovery.k8s.io/v1', plural: 'endpointslices', namespaced: true },
  deployments: { groupVersion: 'apis/apps/v1', plural: 'deployments', namespaced: true },
  replicaSets: { groupVersion: 'apis/apps/v1', plural: 'replicasets', namespaced: true },
  statefulSets: { groupVersion: 'apis/apps/v1', plural: 'statefulsets', namespaced: true },
  daemonSets: { groupVersion: 'apis/apps/v1', plural: 'daemonsets', namespaced: true },
  controllerRevisions: { groupVersion: 'apis/apps/v1', plural: 'controllerrevisions', namespaced: true },
  jobs: { groupVersion: 'apis/batch/v1', plural: 'jobs', namespaced: true },
  podDisruptionBudgets: { groupVersion: 'apis/policy/v1', plural: 'poddisruptionbudgets', namespaced: true },
  networkPolicies: { groupVersion: 'apis/networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  calicoNetworkPolicies: calico('networkpolicies'),
  globalNetworkPolicies: calico('globalnetworkpolicies', false),
  stagedNetworkPolicies: calico('stagednetworkpolicies'),
  stagedGlobalNetworkPolicies: calico('stagedglobalnetworkpolicies', false),
  stagedKubernetesNetworkPolicies: calico('stagedkubernetesnetworkpolicies'),
  tiers: calico('tiers', false),
  ipPools: calico('ippools', false),
  hostEndpoints: calico('hostendpoints', false),
  felixConfigurations: calico('felixconfigurations', false),
  networkSets: calico('networksets'),
  globalNetworkSets: calico('globalnetworksets', false),
  clusterNetworkPolicies: {
    groupVersion: 'apis/policy.networking.k8s.io/v1alpha2',
    plural: 'clusternetworkpolicies',
    namespaced: false,
  },
} satisfies Record<string, ResourceType>

/** `api/v1/pods`: the key of a kind in the log. */
export function resourceKey(type: ResourceType): string {
  return `${type.groupVersion}/${type.plural}`
}

/** The path of an object, or of its collection where `name` is left out. */
export function resourcePath(type: ResourceType, namespace?: string, name?: string): string {
  const scope = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `/${type.groupVersion}${scope}/${type.plural}${name ? `/${encodeURIComponent(name)}` : ''}`
}
