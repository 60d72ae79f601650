import type { KubernetesObject } from '../../kubernetes-object.ts'
import { builtInTiers, defaultTierOrder } from '../built-in-tiers.ts'

/**
 * Fills in what the API server (or calicoctl) would, in place: for `types` by the length of the rule lists. Applied
 * twice, it changes nothing.
 */
export function applyDefaults(object: KubernetesObject, namespaced: boolean): void {
  if (namespaced) object.metadata.namespace ??= 'default'
  object.spec ??= {}
  const { spec, kind, apiVersion } = object
  if (kind.startsWith('Staged')) spec.stagedAction ??= 'Set'
  if (apiVersion.startsWith('networking.k8s.io/') || kind === 'StagedKubernetesNetworkPolicy')
    defaultKubernetes(spec, kind)
  else if (kind.endsWith('NetworkPolicy') && apiVersion.startsWith('projectcalico.org/')) defaultCalico(spec)
  else if (kind === 'Tier') {
    spec.order ??= builtInTiers[object.metadata.name]?.order ?? defaultTierOrder
    spec.defaultAction ??= builtInTiers[object.metadata.name]?.defaultAction ?? 'Deny'
  }
}

type Spec = KubernetesObject['spec']

function defaultKubernetes(spec: Spec, kind: string): void {
  // A staged deletion may have no other field, so none is filled in.
  if (kind.startsWith('Staged') && spec.stagedAction === 'Delete') return
  spec.podSelector ??= {}
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
}

function defaultCalico(spec: Spec): void {
  spec.tier ||= 'default'
  if (spec.stagedAction === 'Delete' || spec.types?.length) return
  const egress = spec.egress?.length > 0
  if (egress) spec.types = spec.ingress?.length > 0 ? ['Ingress', 'Egress'] : ['Egress']
  else spec.types = ['Ingress']
}
