import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'
import { isAvailablePod, nextAvailableMs } from './availability.ts'
import { type Controller, type ControllerContext, isActivePod, isReadyPod, selects } from './controller.ts'
import { podFrom } from './pod-control.ts'
import { type OwnerTools, startPodOwner } from './pod-owner.ts'
import { byDispensability } from './replica-order.ts'
import { nonZero } from './write-status.ts'

/** Pods created in one go; the rest in the next, so that others get their turn. */
const burst = 50

/** Keeps as many pods of each ReplicaSet as it asks for, and counts them in its status. */
export function startReplicaSetController(context: ControllerContext): Controller {
  const owner = {
    type: resources.replicaSets,
    kind: 'ReplicaSet',
    component: 'replicaset-controller',
    canAdopt: (_owner: KubernetesObject, pod: KubernetesObject) => isActivePod(pod),
  }
  return startPodOwner(context, owner, (tools) => async (replicaSet) => {
    const { metadata, spec } = replicaSet
    const active = () => tools.podsOf(replicaSet).filter(isActivePod)
    const failure = await scale(replicaSet, active(), tools).catch((error) => error as Error)
    const pods = active()
    const wait = nextAvailableMs(pods, spec.minReadySeconds)
    if (wait !== null) tools.lookAgain(replicaSet, wait)
    const status = {
      replicas: pods.length,
      ...nonZero({
        fullyLabeledReplicas: pods.filter((pod) => hasLabelsOf(spec.template, pod)).length,
        readyReplicas: pods.filter(isReadyPod).length,
        availableReplicas: pods.filter((pod) => isAvailablePod(pod, spec.minReadySeconds)).length,
      }),
      observedGeneration: metadata.generation,
      ...(failure ? { conditions: [replicaFailure(replicaSet, failure)] } : {}),
    }
    if (!failure) return status
    await tools.writeStatus(replicaSet, status)
    throw failure
  })
}

async function scale(
  replicaSet: KubernetesObject,
  active: KubernetesObject[],
  { control, lookAgain }: OwnerTools,
): Promise<void> {
  const missing = replicaSet.spec.replicas - active.length
  for (let count = 0; count < Math.min(missing, burst); count += 1)
    await control.create(replicaSet, podFrom(replicaSet, replicaSet.spec.template))
  if (missing > burst) lookAgain(replicaSet, 0)
  const surplus = missing < 0 ? [...active].sort(byDispensability(active)).slice(0, -missing) : []
  for (const pod of surplus) await control.delete(replicaSet, pod)
}

function hasLabelsOf({ metadata }: KubernetesObject['spec'], pod: KubernetesObject): boolean {
  return selects({ matchLabels: metadata?.labels ?? {} }, pod.metadata.labels)
}

function replicaFailure({ status }: KubernetesObject, { message }: Error): object {
  const known = status?.conditions?.find(({ type }: { type: string }) => type === 'ReplicaFailure')
  if (known?.message === message) return known
  return {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message,
    lastTransitionTime: apiTime(),
  }
}
