import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { selects } from '../controller.ts'
import { matchesNodeAffinity } from './node-affinity.ts'
import { domainOf, type NodePods } from './pod-affinity.ts'

export interface SpreadConstraint {
  maxSkew: number
  topologyKey: string
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway'
  labelSelector?: Parameters<typeof selects>[0]
  matchLabelKeys?: string[]
  minDomains?: number
}

/**
 * How uneven a constraint's pods would lie if this one came to the node: pods of the node's domain with it, less those
 * of the emptiest domain that it may go to. Null where the node is in no domain.
 */
export function skewWith(
  constraint: SpreadConstraint,
  pod: KubernetesObject,
  { node, all }: { node: KubernetesObject; all: NodePods[] },
): number | null {
  const own = domainOf(node, constraint.topologyKey)
  if (own === undefined) return null
  const counts = new Map<string, number>()
  for (const each of all) {
    const domain = domainOf(each.node, constraint.topologyKey)
    if (domain === undefined || !matchesNodeAffinity(pod.spec, each.node)) continue
    const matching = each.pods.filter((other) => isCounted(constraint, pod, other)).length
    counts.set(domain, (counts.get(domain) ?? 0) + matching)
  }
  const isEmptyElsewhere = counts.size < (constraint.minDomains ?? 1)
  const least = isEmptyElsewhere ? 0 : Math.min(...counts.values())
  const itself = isCounted(constraint, pod, pod) ? 1 : 0
  return (counts.get(own) ?? 0) + itself - least
}

function isCounted(
  { labelSelector, matchLabelKeys = [] }: SpreadConstraint,
  pod: KubernetesObject,
  other: KubernetesObject,
): boolean {
  const labels = other.metadata.labels ?? {}
  return (
    other.metadata.namespace === pod.metadata.namespace &&
    labelSelector !== undefined &&
    selects(labelSelector, labels) &&
    matchLabelKeys.every((key) => labels[key] === pod.metadata.labels?.[key])
  )
}
