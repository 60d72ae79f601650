import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'

export interface PodCondition {
  type: string
  status: 'True' | 'False'
  reason: string
  message: string
}

/** A pod's conditions with this one of now, in place of an earlier one of its type: a part of its status. */
export function withCondition(
  { status }: KubernetesObject,
  condition: PodCondition,
): { conditions: PodCondition[] } {
  const others = (status?.conditions ?? []).filter(({ type }: { type: string }) => type !== condition.type)
  return { conditions: [...others, { ...condition, lastTransitionTime: apiTime() }] }
}

/** That a pod is ended for something else than itself: where a Job counts its pods, this one may not count. */
export function disrupted(
  pod: KubernetesObject,
  why: Pick<PodCondition, 'reason' | 'message'>,
): { conditions: PodCondition[] } {
  return withCondition(pod, { type: 'DisruptionTarget', status: 'True', ...why })
}
