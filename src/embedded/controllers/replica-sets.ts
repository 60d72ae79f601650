import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  controllerReference,
  isActivePod,
  isReadyPod,
  keyOf,
  splitKey,
} from './controller.ts'
import { recordEvent } from './event-recorder.ts'
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

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const replicaSet = replicaSets.get(name, namespace)
    if (!replicaSet || replicaSet.metadata.deletionTimestamp) return
    const owned = () =>
      pods.list().filter((pod) => controllerOf(pod)?.uid === replicaSet.metadata.uid && isActivePod(pod))
    const missing = replicaSet.spec.replicas - owned().length
    for (let count = 0; count < Math.min(missing, burst); count += 1) await createPod(replicaSet)
    if (missing > burst) queue.add(key)
    const surplus = missing < 0 ? owned().sort(byDispensability).slice(0, -missing) : []
    for (const pod of surplus) await deletePod(replicaSet, pod)
    await writeStatus(replicaSet, owned())
  }

  const createPod = async (replicaSet: KubernetesObject) => {
    try {
      const pod = await client.create(resources.pods, podFrom(replicaSet))
      const message = `Created pod: ${pod.metadata.name}`
      await record(replicaSet, { type: 'Normal', reason: 'SuccessfulCreate', message })
    } catch (error) {
      const message = `Error creating: ${messageOf(error)}`
      await record(replicaSet, { type: 'Warning', reason: 'FailedCreate', message })
      throw error
    }
  }
  const deletePod = async (replicaSet: KubernetesObject, { metadata }: KubernetesObject) => {
    const { name, namespace, uid } = metadata
    await client.delete(resources.pods, { name, namespace }, { uid })
    await record(replicaSet, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` })
  }
  const record = async (replicaSet: KubernetesObject, event: Parameters<typeof recordEvent>[3]) => {
    try {
      await recordEvent(client, 'replicaset-controller', replicaSet, event)
    } catch (error) {
      // An Event is told for people; where its namespace is going, nobody can read it any more.
      if (!isApiError(error, 403) && !isApiError(error, 404)) throw error
    }
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

function podFrom(replicaSet: KubernetesObject): KubernetesObject {
  const { template } = replicaSet.spec
  const { labels, annotations } = template.metadata ?? {}
  const { name, namespace } = replicaSet.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels,
      annotations,
      ownerReferences: [controllerReference(replicaSet)],
    } as never,
    spec: template.spec,
  }
}

/** Pods that can go first: without a node, not ready, youngest. */
function byDispensability(one: KubernetesObject, other: KubernetesObject): number {
  const worth = (pod: KubernetesObject) => (pod.spec.nodeName ? 1 : 0) + (isReadyPod(pod) ? 2 : 0)
  const age = (pod: KubernetesObject) => Date.parse(pod.metadata.creationTimestamp ?? '')
  return worth(one) - worth(other) || age(other) - age(one)
}
