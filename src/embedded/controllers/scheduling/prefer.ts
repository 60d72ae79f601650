import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { matchesTerm, type NodeSelectorTerm } from './node-affinity.ts'
import { type AffinityTerm, countMatching, type NodePods } from './pod-affinity.ts'
import { untoleratedTaint } from './taints.ts'
import { type SpreadConstraint, skewWith } from './topology-spread.ts'

/** How well a node suits a pod by what it prefers; more is better, and nodes are equal to one that prefers nothing. */
export function preference(pod: KubernetesObject, { node }: NodePods, all: NodePods[]): number {
  const { affinity = {}, topologySpreadConstraints = [] } = pod.spec
  const place = { node, all }
  let score = 0
  for (const { weight, preference: term } of preferred<{ preference: NodeSelectorTerm }>(
    affinity.nodeAffinity,
  ))
    if (matchesTerm(term, node)) score += weight
  for (const { weight, podAffinityTerm: term } of preferred<PodPreference>(affinity.podAffinity))
    score += weight * countMatching(term, pod, place)
  for (const { weight, podAffinityTerm: term } of preferred<PodPreference>(affinity.podAntiAffinity))
    score -= weight * countMatching(term, pod, place)
  for (const constraint of topologySpreadConstraints as SpreadConstraint[])
    score -= 100 * (skewWith(constraint, pod, place) ?? 0)
  return untoleratedTaint(pod.spec, node, ['PreferNoSchedule']) ? score - 100 : score
}

interface PodPreference {
  podAffinityTerm: AffinityTerm
}

function preferred<T>(kind?: object): (T & { weight: number })[] {
  const { preferredDuringSchedulingIgnoredDuringExecution: list } = (kind ?? {}) as {
    preferredDuringSchedulingIgnoredDuringExecution?: (T & { weight: number })[]
  }
  return list ?? []
}
