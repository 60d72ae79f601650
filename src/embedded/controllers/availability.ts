import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isReadyPod } from './controller.ts'

/** How long a pod has to stay ready until it is available: 0 where it is, null where it is not even ready. */
export function untilAvailableMs(pod: KubernetesObject, minReadySeconds = 0): number | null {
  if (!isReadyPod(pod)) return null
  if (minReadySeconds === 0) return 0
  const ready = pod.status.conditions.find(({ type }: { type: string }) => type === 'Ready')
  const since = Date.parse(ready.lastTransitionTime ?? '') || Date.now()
  return Math.max(0, since + minReadySeconds * 1000 - Date.now())
}

export function isAvailablePod(pod: KubernetesObject, minReadySeconds = 0): boolean {
  return untilAvailableMs(pod, minReadySeconds) === 0
}

/** When the next of some pods becomes available; null where none is about to. */
export function nextAvailableMs(pods: KubernetesObject[], minReadySeconds = 0): number | null {
  const waits = pods.map((pod) => untilAvailableMs(pod, minReadySeconds) ?? 0).filter((wait) => wait > 0)
  // Times of the API are whole seconds: a little later is never too early.
  return waits.length > 0 ? Math.min(...waits) + 50 : null
}
