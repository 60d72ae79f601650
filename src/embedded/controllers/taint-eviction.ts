import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, isActivePod, keyOf, splitKey } from './controller.ts'
import { disrupted } from './pod-conditions.ts'
import { PodControl } from './pod-control.ts'
import { stayMs } from './scheduling/index.ts'
import { workQueue } from './work-queue.ts'

const tainted = {
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
}

/**
 * Deletes pods from nodes that have a taint NoExecute which they do not tolerate: at once, or when the time is over for
 * which they tolerate it (core/v1 Toleration.tolerationSeconds).
 */
export function startTaintEviction({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('taint-eviction-controller')
  const control = new PodControl(client, 'taint-eviction-controller')
  /** Since when a pod has been waiting for its end, in milliseconds of the process. */
  const waiting = new Map<string, number>()
  const taintsOf = new Map<string, string>()
  const nodes = client.inform(resources.nodes, ({ object }) => {
    const { name } = object.metadata
    const taints = JSON.stringify(object.spec?.taints ?? [])
    if (taintsOf.get(name) === taints) return
    taintsOf.set(name, taints)
    for (const pod of pods.list()) if (pod.spec.nodeName === name) queue.add(keyOf(pod))
  })
  const pods = client.inform(resources.pods, ({ type, object }) => {
    if (type === 'DELETED') waiting.delete(keyOf(object))
    else if (object.spec.nodeName && isTainted(nodes.get(object.spec.nodeName))) queue.add(keyOf(object))
  })

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(name, namespace)
    const node = pod && nodes.get(pod.spec.nodeName)
    if (!pod || !node || !isActivePod(pod)) {
      waiting.delete(key)
      return
    }
    const mayStayMs = stayMs(pod.spec, node)
    if (mayStayMs === Number.POSITIVE_INFINITY) {
      if (waiting.delete(key)) await tell(pod, `Cancelling deletion of Pod ${key}`)
      return
    }
    const since = waiting.get(key) ?? performance.now()
    waiting.set(key, since)
    const leftMs = since + mayStayMs - performance.now()
    if (leftMs > 0) queue.addAfter(key, leftMs)
    else await evict(pod, key)
  }
  const evict = async (pod: KubernetesObject, key: string) => {
    waiting.delete(key)
    const { name, namespace, uid } = pod.metadata
    await tell(pod, `Marking for deletion Pod ${key}`)
    try {
      await client.patch(resources.pods, { name, namespace }, { status: disrupted(pod, tainted) }, 'status')
      await client.delete(resources.pods, { name, namespace }, { uid })
    } catch (error) {
      if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
    }
  }
  const tell = (pod: KubernetesObject, message: string) =>
    control.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message })

  const queue = workQueue({ name: 'taint eviction', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function isTainted(node: KubernetesObject | undefined): boolean {
  return node?.spec?.taints?.some(({ effect }: { effect: string }) => effect === 'NoExecute') ?? false
}
