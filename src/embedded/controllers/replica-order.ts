import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isReadyPod } from './controller.ts'

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'
const phases = ['Pending', 'Unknown', 'Running']

/**
 * Which of the pods of a ReplicaSet goes first when there are too many, by the order of kube-controller-manager
 * (ActivePodsWithRanks): without a node, pending, not ready, of lower deletion cost, on the node with most of them,
 * ready for a shorter time, restarted more often, younger.
 */
export function byDispensability(
  pods: KubernetesObject[],
): (one: KubernetesObject, other: KubernetesObject) => number {
  const onNode = new Map<string, number>()
  for (const { spec } of pods) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1)
  const ranks: ((pod: KubernetesObject) => number)[] = [
    ({ spec }) => (spec.nodeName ? 1 : 0),
    ({ status }) => phases.indexOf(status?.phase),
    (pod) => (isReadyPod(pod) ? 1 : 0),
    ({ metadata }) => Number(metadata.annotations?.[costAnnotation] ?? 0),
    ({ spec }) => -(onNode.get(spec.nodeName) ?? 0),
    (pod) => -readySince(pod),
    (pod) => -restartsOf(pod),
    ({ metadata }) => -Date.parse(metadata.creationTimestamp ?? ''),
  ]
  return (one, other) => {
    for (const rank of ranks) {
      const difference = rank(one) - rank(other)
      if (difference) return difference
    }
    return 0
  }
}

/** Milliseconds of the epoch; 0 where it is not ready, which ranks before. */
function readySince({ status }: KubernetesObject): number {
  const ready = status?.conditions?.find(({ type }: { type: string }) => type === 'Ready')
  return ready?.status === 'True' ? Date.parse(ready.lastTransitionTime ?? '') || 0 : 0
}

function restartsOf({ status }: KubernetesObject): number {
  const restarts = (status?.containerStatuses ?? []).map(
    ({ restartCount = 0 }: { restartCount?: number }) => restartCount,
  )
  return Math.max(0, ...restarts)
}
