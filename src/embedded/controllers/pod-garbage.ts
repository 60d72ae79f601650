import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { disrupted } from './pod-conditions.ts'
import { workQueue } from './work-queue.ts'

/** A node that comes back within this time finds its pods. The same time as in a real cluster (PodGC's quarantineTime). */
const defaultQuarantineMs = 40_000

const missingNode = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }

/**
 * Deletes pods of nodes that do not exist: nobody else would end them, and whoever manages them would take them for
 * running (Kubernetes: pod garbage collection, orphaned pods).
 */
export function startPodGarbageCollector(context: ControllerContext): Controller {
  const { client: clientOf, log, nodeQuarantineMs = defaultQuarantineMs } = context
  const client = clientOf('pod-garbage-collector')
  const nodes = client.inform(resources.nodes, ({ type, object }) => {
    if (type === 'DELETED') queue.addAfter(object.metadata.name, nodeQuarantineMs)
  })
  const pods = client.inform(resources.pods, ({ object }) => {
    const { nodeName } = object.spec
    if (nodeName && !nodes.get(nodeName)) queue.addAfter(nodeName, nodeQuarantineMs)
  })

  const reconcile = async (nodeName: string) => {
    if (nodes.get(nodeName)) return
    for (const pod of pods.list()) if (pod.spec.nodeName === nodeName) await remove(pod)
  }
  const remove = async (pod: KubernetesObject) => {
    const { name, namespace, uid } = pod.metadata
    try {
      const hasEnded = ['Succeeded', 'Failed'].includes(pod.status?.phase)
      if (!hasEnded)
        await client.patch(
          resources.pods,
          { name, namespace },
          { status: { phase: 'Failed', ...disrupted(pod, missingNode) } },
          'status',
        )
      await client.delete(resources.pods, { name, namespace }, { uid, gracePeriodSeconds: 0 })
    } catch (error) {
      if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
    }
  }

  const queue = workQueue({ name: 'pod garbage', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}
