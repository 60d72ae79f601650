import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, isActivePod, keyOf, splitKey } from './controller.ts'
import { recordEvent } from './event-recorder.ts'
import { workQueue } from './work-queue.ts'

/** Binds each pod that has no node to the fitting node with the fewest pods; by name where they are equal. */
export function startScheduler({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('kube-scheduler')
  const waiting = new Set<string>()
  const pods = client.inform(resources.pods, ({ object }) => {
    if (!object.spec.nodeName) queue.add(keyOf(object))
  })
  const nodes = client.inform(resources.nodes, () => {
    for (const key of waiting) queue.add(key)
  })

  const schedule = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(name, namespace)
    waiting.delete(key)
    if (!pod || pod.spec.nodeName || !isActivePod(pod)) return
    const fitting = nodes.list().filter((node) => whyNot(node, pod) === null)
    if (!fitting.length) {
      waiting.add(key)
      await refuse(pod)
      return
    }
    const node = leastLoaded(fitting, pods.list())
    await client.patch(resources.pods, { name, namespace }, bind(pod, node))
    const message = `Successfully assigned ${key} to ${node}`
    await recordEvent(client, 'default-scheduler', pod, { type: 'Normal', reason: 'Scheduled', message })
  }

  const refuse = async (pod: KubernetesObject) => {
    const reasons = nodes.list().map((node) => whyNot(node, pod)!)
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

/** Why a node does not fit, in the words of the real scheduler; null where it does. */
function whyNot(node: KubernetesObject, pod: KubernetesObject): string | null {
  if (node.spec?.unschedulable) return 'node(s) were unschedulable'
  const ready = node.status?.conditions?.find((each: { type: string }) => each.type === 'Ready')
  if (ready?.status !== 'True') return 'node(s) were not ready'
  const wanted = Object.entries(pod.spec.nodeSelector ?? {})
  const matches = wanted.every(([key, value]) => node.metadata.labels?.[key] === value)
  return matches ? null : "node(s) didn't match Pod's node affinity/selector"
}

function refusal(reasons: string[]): string {
  if (!reasons.length) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const list = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ')
  return `0/${reasons.length} nodes are available: ${list}.`
}

function leastLoaded(fitting: KubernetesObject[], pods: KubernetesObject[]): string {
  const load = new Map(fitting.map((node) => [node.metadata.name, 0]))
  for (const pod of pods.filter(isActivePod)) {
    const count = load.get(pod.spec.nodeName)
    if (count !== undefined) load.set(pod.spec.nodeName, count + 1)
  }
  const ordered = [...load].sort(([one, few], [other, many]) => few - many || (one < other ? -1 : 1))
  return ordered[0]![0]
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
