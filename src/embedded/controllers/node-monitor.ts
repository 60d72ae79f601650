import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'
import { isReady } from '../ready-condition.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { recordEvent } from './event-recorder.ts'
import { workQueue } from './work-queue.ts'

/** kube-controller-manager's --node-monitor-grace-period. */
const defaultGraceMs = 50_000
/** What a node's kubelet says of it, and nobody else. */
const byKubelet = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  lastHeartbeatTime?: string
  lastTransitionTime?: string
}

/**
 * Notices nodes whose kubelet says nothing any more: neither its lease nor its status has changed for the time of grace.
 * All that is known of them is unknown then, and their pods are not ready.
 */
export function startNodeMonitor(context: ControllerContext): Controller {
  const { client: clientOf, log, nodeGraceMs = defaultGraceMs } = context
  const client = clientOf('node-controller')
  /** When each node was last heard of, in milliseconds of the process, and what was heard. */
  const heard = new Map<string, { what: string; atMs: number }>()
  const nodes = client.inform(resources.nodes, ({ object }) => queue.add(object.metadata.name))
  const leases = client.inform(resources.leases, ({ object }) => {
    if (object.metadata.namespace === 'kube-node-lease') queue.add(object.metadata.name)
  })
  const pods = client.inform(resources.pods)

  const reconcile = async (name: string) => {
    const node = nodes.get(name)
    if (!node) {
      heard.delete(name)
      return
    }
    const silentMs = silence(node)
    if (silentMs < nodeGraceMs) {
      queue.addAfter(name, nodeGraceMs - silentMs)
      return
    }
    if (conditionOf(node, 'Ready')?.status !== 'Unknown') await giveUp(node)
  }
  const silence = (node: KubernetesObject): number => {
    const { name, uid } = node.metadata
    const lease = leases.get(name, 'kube-node-lease')
    const what = [uid, lease?.spec.renewTime, conditionOf(node, 'Ready')?.lastHeartbeatTime].join(' ')
    const last = heard.get(name)
    if (last?.what === what) return performance.now() - last.atMs
    heard.set(name, { what, atMs: performance.now() })
    return 0
  }
  const giveUp = async (node: KubernetesObject) => {
    const { name } = node.metadata
    log(`node ${name} says nothing any more`)
    await client.patch(
      resources.nodes,
      { name },
      { status: { conditions: unknownConditions(node) } },
      'status',
    )
    const message = `Node ${name} status is now: NodeNotReady`
    await recordEvent(client, 'node-controller', node, { type: 'Normal', reason: 'NodeNotReady', message })
    const lost = pods.list().filter((pod) => pod.spec.nodeName === name && isReady(pod))
    await Promise.all(lost.map((pod) => markNotReady(pod)))
  }
  const markNotReady = async (pod: KubernetesObject) => {
    const { name, namespace } = pod.metadata
    try {
      await client.patch(
        resources.pods,
        { name, namespace },
        { status: { conditions: notReady(pod) } },
        'status',
      )
      const event = { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' } as const
      await recordEvent(client, 'node-controller', pod, event)
    } catch (error) {
      if (!isApiError(error, 404) && !isApiError(error, 409))
        log(`pod ${namespace}/${name}: ${messageOf(error)}`)
    }
  }

  const queue = workQueue({ name: 'node monitor', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function conditionOf({ status }: KubernetesObject, type: string): Condition | undefined {
  return status?.conditions?.find((each: Condition) => each.type === type)
}

function unknownConditions(node: KubernetesObject): Condition[] {
  const conditions: Condition[] = node.status?.conditions ?? []
  const unknown = byKubelet.map((type): Condition => {
    const before = conditionOf(node, type)
    const [reason, message] = before
      ? ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
      : ['NodeStatusNeverUpdated', 'Kubelet never posted node status.']
    return { ...before, type, status: 'Unknown', reason, message, lastTransitionTime: apiTime() }
  })
  return [...conditions.filter(({ type }) => !byKubelet.includes(type)), ...unknown]
}

function notReady({ status }: KubernetesObject): Condition[] {
  return status.conditions.map((each: Condition) =>
    each.type === 'Ready' ? { ...each, status: 'False', lastTransitionTime: apiTime() } : each,
  )
}
