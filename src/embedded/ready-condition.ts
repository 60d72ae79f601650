import type { KubernetesObject } from '../kubernetes-object.ts'

/** Whether a node's or a pod's condition Ready is True. */
export function isReady({ status }: KubernetesObject): boolean {
  const conditions: { type: string; status: string }[] = status?.conditions ?? []
  return conditions.some((each) => each.type === 'Ready' && each.status === 'True')
}
