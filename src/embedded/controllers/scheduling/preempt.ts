import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { type ClusterPods, type Refusal, refusalOf } from './filter.ts'
import type { NodePods } from './pod-affinity.ts'

export interface Preemption {
  node: string
  /** Pods of lower priority that have to go. */
  victims: KubernetesObject[]
}

/** How a pod may get its place at the cost of others, or why not, node by node. */
export type PreemptionPlan = { chosen: Preemption; reasons?: never } | { chosen: null; reasons: string[][] }

/**
 * The node where the least has to go for a pod: the lowest highest priority among the victims, then their lowest sum,
 * then the fewest (the real scheduler's DefaultPreemption; PodDisruptionBudgets are not looked at).
 */
export function preemptionFor(
  pod: KubernetesObject,
  all: ClusterPods,
  refusals: (Refusal | null)[],
): PreemptionPlan {
  const candidates: Preemption[] = []
  const reasons = all.map((place, index) => {
    if (refusals[index]?.isFinal) return ['Preemption is not helpful for scheduling']
    const found = victimsOn(place, pod, all)
    if ('reasons' in found) return found.reasons
    candidates.push({ node: place.node.metadata.name, victims: found.victims })
    return []
  })
  const [chosen] = candidates.sort(byHarm)
  return chosen ? { chosen } : { chosen: null, reasons }
}

export function priorityOf({ spec }: KubernetesObject): number {
  return spec.priority ?? 0
}

function victimsOn(
  place: NodePods,
  pod: KubernetesObject,
  all: ClusterPods,
): { victims: KubernetesObject[] } | { reasons: string[] } {
  const lower = place.pods.filter((each) => priorityOf(each) < priorityOf(pod))
  if (lower.length === 0) return { reasons: ['No preemption victims found for incoming pod'] }
  const refusalWithout = (gone: KubernetesObject[]) => {
    const left = { ...place, pods: place.pods.filter((each) => !gone.includes(each)) }
    return refusalOf(
      pod,
      left,
      all.map((each) => (each === place ? left : each)),
    )
  }
  const refusal = refusalWithout(lower)
  if (refusal) return { reasons: refusal.reasons }
  // Who need not go stays, the most important first.
  let victims = lower
  for (const candidate of [...lower].sort((one, other) => priorityOf(other) - priorityOf(one))) {
    const fewer = victims.filter((each) => each !== candidate)
    if (!refusalWithout(fewer)) victims = fewer
  }
  return { victims }
}

function byHarm(one: Preemption, other: Preemption): number {
  const highest = ({ victims }: Preemption) => Math.max(...victims.map(priorityOf))
  const sum = ({ victims }: Preemption) => victims.reduce((total, each) => total + priorityOf(each), 0)
  return (
    highest(one) - highest(other) ||
    sum(one) - sum(other) ||
    one.victims.length - other.victims.length ||
    (one.node < other.node ? -1 : 1)
  )
}
