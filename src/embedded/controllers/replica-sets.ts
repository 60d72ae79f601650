import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  isActivePod,
  isReadyPod,
  keyOf,
  splitKey,
} from './controller.ts'
import { PodControl, podFrom } from './pod-control.ts'
import { workQueue } from './work-queue.ts'

/** Pods created in one go; the rest in the next, so that others get their turn. */
const burst = 50

/** Keeps as many pods of each ReplicaSet as it asks for, and counts them in its status. */
export function startReplicaSetController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('replicaset-controller')
  const replicaSets = client.inform(resources.replicaSets, ({ object }) => queue.add(keyOf(object)))
  const pods = client.inform(resources.pods, ({ object }) => {
    const owner = controllerOf(object)
    if (owner?.kind === 'ReplicaSet') queue.add(`${object.metadata.namespace}/${owner.name}`)
  })

  const control = new PodControl(client, 'replicaset-controller')

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const replicaSet = replicaSets.get(name, namespace)
    if (!replicaSet || replicaSet.metadata.deletionTimestamp) return
    const owned = () =>
      pods.list().filter((pod) => controllerOf(pod)?.uid === replicaSet.metadata.uid && isActivePod(pod))
    const missing = replicaSet.spec.replicas - owned().length
    for (let count = 0; count < Math.min(missing, burst); count += 1)
      await control.create(replicaSet, podFrom(replicaSet, replicaSet.spec.template))
    if (missing > burst) queue.add(key)
    const surplus = missing < 0 ? owned().sort(byDispensability).slice(0, -missing) : []
    for (const pod of surplus) await control.delete(replicaSet, pod)
    await writeStatus(replicaSet, owned())
  }

  const writeStatus = async ({ metadata }: KubernetesObject, active: KubernetesObject[]) => {
    const ready = active.filter(isReadyPod).length
    const status = {
      replicas: active.length,
      fullyLabeledReplicas: active.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: metadata.generation,
    }
    const { name, namespace } = metadata
    await client.patch(resources.replicaSets, { name, namespace }, { status }, 'status')
  }

  const queue = workQueue({ name: 'replicasets', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

/** Pods that can go first: without a node, not ready, youngest. */
function byDispensability(one: KubernetesObject, other: KubernetesObject): number {
  const worth = (pod: KubernetesObject) => (pod.spec.nodeName ? 1 : 0) + (isReadyPod(pod) ? 2 : 0)
  const age = (pod: KubernetesObject) => Date.parse(pod.metadata.creationTimestamp ?? '')
  return worth(one) - worth(other) || age(other) - age(one)
}
