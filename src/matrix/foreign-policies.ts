import { messageOf } from '../errors.ts'
import type { KubeClient } from '../kube/index.ts'

/** Policies of others that decide about packets, too, and that no prediction here reads. */
const kinds: [apiVersion: string, kind: string][] = [
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'],
  ['crd.antrea.io/v1beta1', 'NetworkPolicy'],
  ['crd.antrea.io/v1beta1', 'ClusterNetworkPolicy'],
  ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy'],
  ['networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy'],
  ['security.istio.io/v1', 'AuthorizationPolicy'],
]

/** One sentence for each such kind of which the cluster holds objects, or does not show whether it does. */
export async function foreignPolicies(kube: KubeClient, signal?: AbortSignal): Promise<string[]> {
  const sentences = await Promise.all(
    kinds.map(async ([apiVersion, kind]) => {
      const title = `${apiVersion} ${kind}`
      try {
        const { length } = await kube.list(apiVersion, kind, { signal })
        return length === 0 ? [] : [`${length} × ${title} may decide, too: predictions do not read them`]
      } catch (error) {
        signal?.throwIfAborted()
        return [`${title} may decide, too, and could not be listed: ${messageOf(error)}`]
      }
    }),
  )
  return sentences.flat()
}
