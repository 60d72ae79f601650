import { isLabError } from '../errors.ts'
import { type KubeClient, runLabel } from '../kube/index.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import { hasEnded, processAnnotation } from '../process-mark.ts'

/** What runs make, outside namespaces of theirs too. */
const kinds: [apiVersion: string, kind: string][] = [
  ['v1', 'Namespace'],
  ['projectcalico.org/v3', 'Tier'],
  ['projectcalico.org/v3', 'GlobalNetworkPolicy'],
  ['projectcalico.org/v3', 'StagedGlobalNetworkPolicy'],
  ['projectcalico.org/v3', 'GlobalNetworkSet'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkPolicy'],
  ['projectcalico.org/v3', 'StagedNetworkPolicy'],
  ['projectcalico.org/v3', 'StagedKubernetesNetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkSet'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['v1', 'Pod'],
  ['v1', 'ConfigMap'],
]

/**
 * Deletes what runs left behind that ended without cleaning up: it carries our label, and its process is gone. `all`
 * deletes what running ones need, too. Returns what was deleted, as messages name it.
 */
export async function deleteLeftovers(kube: KubeClient, { all = false } = {}): Promise<string[]> {
  const marked = (await Promise.all(kinds.map((kind) => ours(kube, kind)))).flat()
  const left = marked.filter(
    ({ metadata }) => all || hasEnded(metadata.annotations?.[processAnnotation], metadata.creationTimestamp),
  )
  if (left.length > 0) await kube.delete(left, { gracePeriodSeconds: 0, timeoutMs: 120_000 })
  return left.map(describeObject)
}

async function ours(kube: KubeClient, [apiVersion, kind]: [string, string]): Promise<KubernetesObject[]> {
  try {
    return await kube.list(apiVersion, kind, { labelSelector: runLabel })
  } catch (error) {
    // Whoever may not read a kind has not written any of it either.
    if (isLabError(error) && error.code === 'missing-permission') return []
    throw error
  }
}
