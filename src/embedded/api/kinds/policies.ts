import { selectorText } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { admitPolicy, requireTier } from './policy-admission.ts'

const calicoGroup = { group: 'projectcalico.org', version: 'v3', isCustom: true }

const networkPolicy: Kind = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  countsGenerations: true,
  schema: { spec: 'any' },
  admit: [admitPolicy],
  columns: [{ name: 'Pod-Selector', value: ({ spec }) => selectorText(spec?.podSelector?.matchLabels) }],
}

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
export const policyKinds: Kind[] = [networkPolicy, calicoNetworkPolicy, globalNetworkPolicy, tier]
