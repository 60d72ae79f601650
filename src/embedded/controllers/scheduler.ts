import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, isActivePod, keyOf, splitKey } from './controller.ts'
import { recordEvent } from './event-recorder.ts'
import { type ClusterPods, preference, whyNot } from './scheduling/index.ts'
import { workQueue } from './work-queue.ts'

/**
 * Binds each pod that has no node to the fitting node that it prefers; among those to the one with the fewest pods, and
 * by name where they are equal. A pod that fits nowhere is tried again when something changes that may help it.
 */
export function startScheduler({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('kube-scheduler')
  const waiting = new Set<string>()
  /** Those of them that want to be beside others. */
  const waitingForOthers = new Set<string>()
  const pods = client.inform(resources.pods, ({ type, object }) => {
    if (type !== 'DELETED' && !object.spec.nodeName) queue.add(keyOf(object))
    else if (type === 'DELETED' || !isActivePod(object)) retryAll()
    else for (const key of waitingForOthers) queue.add(key)
  })
  const nodes = client.inform(resources.nodes, () => retryAll())
  const retryAll = () => {
    for (const key of waiting) queue.add(key)
  }

  const schedule = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(name, namespace)
    waiting.delete(key)
    waitingForOthers.delete(key)
    if (!pod || pod.spec.nodeName || !isActivePod(pod)) return
    const all = placesOf(nodes.list(), pods.list())
    const reasons = all.map((place) => whyNot(pod, place, all))
    const fitting = all.filter((_place, index) => reasons[index]!.length === 0)
    if (!fitting.length) {
      waiting.add(key)
      if (pod.spec.affinity?.podAffinity) waitingForOthers.add(key)
      await refuse(pod, reasons)
      return
    }
    const node = bestOf(pod, fitting, all)
    await client.patch(resources.pods, { name, namespace }, bind(pod, node))
    const message = `Successfully assigned ${key} to ${node}`
    await recordEvent(client, 'default-scheduler', pod, { type: 'Normal', reason: 'Scheduled', message })
  }

  const refuse = async (pod: KubernetesObject, reasons: string[][]) => {
    const message = refusal(reasons)
    const { name, namespace } = pod.metadata
    const known = pod.status?.conditions?.find((each: { type: string }) => each.type === 'PodScheduled')
    if (known?.message === message) return
    await client.patch(resources.pods, { name, namespace }, { status: unschedulable(pod, message) }, 'status')
    await recordEvent(client, 'default-scheduler', pod, {
      type: 'Warning',
      reason: 'FailedScheduling',
      message,
    })
  }

  const queue = workQueue({ name: 'scheduler', reconcile: schedule, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function refusal(reasons: string[][]): string {
  if (!reasons.length) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const reason of reasons.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const list = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${reasons.length} nodes are available: ${list.join(', ')}.`
}

function placesOf(nodes: KubernetesObject[], pods: KubernetesObject[]): ClusterPods {
  const byNode = new Map<string, KubernetesObject[]>(nodes.map((node) => [node.metadata.name, []]))
  for (const pod of pods) if (!hasEnded(pod)) byNode.get(pod.spec.nodeName)?.push(pod)
  return nodes.map((node) => ({ node, pods: byNode.get(node.metadata.name)! }))
}

/** A pod that is being deleted still takes its place. */
function hasEnded({ status }: KubernetesObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

function bestOf(pod: KubernetesObject, fitting: ClusterPods, all: ClusterPods): string {
  const ranked = fitting.map((place) => ({
    name: place.node.metadata.name,
    score: preference(pod, place, all),
    load: place.pods.length,
  }))
  ranked.sort(
    (one, other) => other.score - one.score || one.load - other.load || (one.name < other.name ? -1 : 1),
  )
  return ranked[0]!.name
}

function bind(pod: KubernetesObject, node: string): object {
  return { metadata: { uid: pod.metadata.uid }, spec: { nodeName: node } }
}

function unschedulable(pod: KubernetesObject, message: string): object {
  const others = (pod.status?.conditions ?? []).filter(
    (each: { type: string }) => each.type !== 'PodScheduled',
  )
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime,
  }
  return { conditions: [...others, condition] }
}
