import type { Kind } from '../kind.ts'
import { selectorText } from '../table/index.ts'
import { admitPolicy, requireTier } from './policy-admission.ts'

const calicoGroup = { group: 'projectcalico.org', version: 'v3', isCustom: true }

const calicoNetworkPolicy: Kind = {
  ...calicoGroup,
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['cnp', 'caliconetworkpolicy', 'caliconetworkpolicies'],
  namespaced: true,
  countsGenerations: true,
  schema: { spec: 'any' },
  admit: [admitPolicy, requireTier],
  columns: [
    { name: 'Tier', value: ({ spec }) => spec?.tier ?? 'default' },
    { name: 'Order', value: ({ spec }) => spec?.order ?? '<none>' },
    { name: 'Selector', wide: true, value: ({ spec }) => spec?.selector ?? 'all()' },
  ],
}

const globalNetworkPolicy: Kind = {
  ...calicoNetworkPolicy,
  kind: 'GlobalNetworkPolicy',
  plural: 'globalnetworkpolicies',
  shortNames: ['gnp', 'cgnp'],
  namespaced: false,
}

const stagedNetworkPolicy: Kind = {
  ...calicoNetworkPolicy,
  kind: 'StagedNetworkPolicy',
  plural: 'stagednetworkpolicies',
  shortNames: ['snp'],
}

const stagedGlobalNetworkPolicy: Kind = {
  ...globalNetworkPolicy,
  kind: 'StagedGlobalNetworkPolicy',
  plural: 'stagedglobalnetworkpolicies',
  shortNames: ['sgnp'],
}

const stagedKubernetesNetworkPolicy: Kind = {
  ...calicoGroup,
  kind: 'StagedKubernetesNetworkPolicy',
  plural: 'stagedkubernetesnetworkpolicies',
  shortNames: ['sknp'],
  namespaced: true,
  countsGenerations: true,
  schema: { spec: 'any' },
  admit: [admitPolicy],
  columns: [{ name: 'Pod-Selector', value: ({ spec }) => selectorText(spec?.podSelector?.matchLabels) }],
}

const clusterNetworkPolicy: Kind = {
  group: 'policy.networking.k8s.io',
  version: 'v1alpha2',
  isCustom: true,
  kind: 'ClusterNetworkPolicy',
  plural: 'clusternetworkpolicies',
  shortNames: ['cnp'],
  namespaced: false,
  countsGenerations: true,
  schema: { spec: 'any' },
  admit: [admitPolicy],
  columns: [
    { name: 'Tier', value: ({ spec }) => spec?.tier ?? '<none>' },
    { name: 'Priority', type: 'integer', value: ({ spec }) => spec?.priority ?? '<none>' },
  ],
}

const networkSet: Kind = {
  ...calicoGroup,
  kind: 'NetworkSet',
  plural: 'networksets',
  shortNames: ['netsets'],
  namespaced: true,
  schema: { spec: 'any' },
  admit: [admitPolicy],
  columns: [{ name: 'Nets', value: ({ spec }) => spec?.nets?.join(',') || '<none>' }],
}

const globalNetworkSet: Kind = {
  ...networkSet,
  kind: 'GlobalNetworkSet',
  plural: 'globalnetworksets',
  shortNames: ['gns'],
  namespaced: false,
}

const hostEndpoint: Kind = {
  ...calicoGroup,
  kind: 'HostEndpoint',
  plural: 'hostendpoints',
  shortNames: ['hep', 'heps'],
  namespaced: false,
  schema: { spec: 'any' },
  admit: [admitPolicy],
  columns: [
    { name: 'Node', value: ({ spec }) => spec?.node ?? '<none>' },
    { name: 'Interface', value: ({ spec }) => spec?.interfaceName ?? '<none>' },
  ],
}

/** Felix reads the failsafe ports of the one called `default`. */
const felixConfiguration: Kind = {
  ...calicoGroup,
  kind: 'FelixConfiguration',
  plural: 'felixconfigurations',
  namespaced: false,
  schema: { spec: 'any' },
}

/** Says how the pods' network is made; changing it changes nothing. */
const ipPool: Kind = {
  ...calicoGroup,
  kind: 'IPPool',
  plural: 'ippools',
  namespaced: false,
  schema: { spec: 'any' },
  isInert: true,
  columns: [{ name: 'CIDR', value: ({ spec }) => spec?.cidr ?? '<none>' }],
}

const tier: Kind = {
  ...calicoGroup,
  kind: 'Tier',
  plural: 'tiers',
  namespaced: false,
  countsGenerations: true,
  schema: { spec: 'any' },
  admit: [admitPolicy],
  columns: [
    { name: 'Order', value: ({ spec }) => spec?.order ?? '<none>' },
    { name: 'DefaultAction', value: ({ spec }) => spec?.defaultAction ?? 'Deny' },
  ],
}

/** Kinds whose spec `src/policy` defaults and validates, and what it reads beside them. */
export const policyKinds: Kind[] = [
  calicoNetworkPolicy,
  globalNetworkPolicy,
  stagedNetworkPolicy,
  stagedGlobalNetworkPolicy,
  stagedKubernetesNetworkPolicy,
  tier,
  networkSet,
  globalNetworkSet,
  hostEndpoint,
  ipPool,
  felixConfiguration,
  clusterNetworkPolicy,
]
