import type { KubernetesObject } from '../../kubernetes-object.ts'

/**
 * Definitions under which Calico's policies can be written on a cluster that does not have Calico, so that it is the
 * canary that finds out that nothing enforces them, and not a missing kind.
 */
export const policyDefinitions: KubernetesObject[] = [
  definition('Tier', 'tiers', 'Cluster'),
  definition('NetworkPolicy', 'networkpolicies', 'Namespaced'),
  definition('GlobalNetworkPolicy', 'globalnetworkpolicies', 'Cluster'),
]

function definition(kind: string, plural: string, scope: string): KubernetesObject {
  const group = 'crd.projectcalico.org'
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  }
}
