import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { hasFreePorts, noFreePorts } from '../host-port-claims.ts'

/** Why a kubelet has ended a pod, or does not run it. */
export interface PodFailure {
  reason: string
  message: string
}

/** The failure that a pod's status tells of. */
export function failureOf({ status }: KubernetesObject): PodFailure | null {
  if (status?.phase !== 'Failed' || !status.reason) return null
  return { reason: status.reason, message: status.message ?? '' }
}

/** Whether nothing of a pod runs ever again, by its status. */
export function isOver({ status }: KubernetesObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** Why a kubelet refuses a pod that no scheduler has looked at: another has a port of the node that it asks for. */
export function takenPort(pod: KubernetesObject, others: KubernetesObject[]): PodFailure | null {
  if (hasFreePorts(pod, others)) return null
  return { reason: 'NodePorts', message: `Predicate NodePorts failed: ${noFreePorts}` }
}

/** How the Event about a sandbox that cannot be made is called, and what it says. */
export function sandboxFailure(error: unknown): PodFailure {
  const isConfig = typeof error === 'object' && error !== null && 'isContainerConfigError' in error
  const cause = typeof error === 'object' && error !== null && 'cause' in error && error.cause
  const message = `${messageOf(error)}${cause ? `: ${messageOf(cause)}` : ''}`
  return { reason: isConfig ? 'FailedMount' : 'FailedCreatePodSandBox', message }
}
