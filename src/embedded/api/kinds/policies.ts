import type { Kind } from '../kind.ts'
import { selectorText } from '../table/index.ts'
import { admitPolicy, refuseHostEndpoint, requireTier } from './policy-admission.ts'

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

/** Served so that it can be refused by its name and with the reason. */
const hostEndpoint: Kind = {
  ...calicoGroup,
  kind: 'HostEndpoint',
  plural: 'hostendpoints',
  shortNames: ['hep', 'heps'],
  namespaced: false,
  schema: { spec: 'any' },
  admit: [refuseHostEndpoint],
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

/** Kinds whose spec `src/policy` defaults and validates. */
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
  clusterNetworkPolicy,
]
