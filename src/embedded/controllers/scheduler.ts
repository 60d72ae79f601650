import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, isActivePod, keyOf, splitKey } from './controller.ts'
import { disrupted, withCondition } from './pod-conditions.ts'
import { PodControl } from './pod-control.ts'
import {
  type ClusterPods,
  type Preemption,
  preemptionFor,
  preference,
  priorityOf,
  type Refusal,
  refusalOf,
} from './scheduling/index.ts'
import { workQueue } from './work-queue.ts'

const preempting = {
  reason: 'PreemptionByScheduler',
  message: 'default-scheduler: preempting to accommodate a higher priority pod',
}

/**
 * Binds each pod that has no node to the fitting node that it prefers; among those to the one with the fewest pods, and
 * by name where they are equal. A pod that fits nowhere takes the place of pods of lower priority, or is tried again
 * when something changes that may help it.
 */
export function startScheduler({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('kube-scheduler')
  const control = new PodControl(client, 'default-scheduler')
  const waiting = new Set<string>()
  /** Those of them that want to be beside others. */
  const waitingForOthers = new Set<string>()
  const pods = client.inform(resources.pods, ({ type, object }) => {
    if (type !== 'DELETED' && !object.spec.nodeName) queue.add(keyOf(object))
    else if (type === 'DELETED' || !isActivePod(object)) retryAll()
    else for (const key of waitingForOthers) queue.add(key)
  })
  const nodes = client.inform(resources.nodes, () => retryAll())
  const claims = client.inform(resources.persistentVolumeClaims, ({ type }) => {
    if (type === 'ADDED') retryAll()
  })
  /** The most important first, then who has waited longest. */
  const retryAll = () => {
    const priorityAt = (key: string) => {
      const { namespace, name } = splitKey(key)
      const pod = pods.get(name, namespace)
      return pod ? priorityOf(pod) : 0
    }
    for (const key of [...waiting].sort((one, other) => priorityAt(other) - priorityAt(one))) queue.add(key)
  }

  const schedule = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const pod = pods.get(name, namespace)
    waiting.delete(key)
    waitingForOthers.delete(key)
    if (!pod || pod.spec.nodeName || !isActivePod(pod)) return
    const all = placesFor(pod, nodes.list(), pods.list())
    const missing = missingClaim(pod, (claim) => claims.get(claim, namespace))
    const refusals = all.map((place) =>
      missing ? { reasons: [missing], isFinal: true } : refusalOf(pod, place, all),
    )
    const fitting = all.filter((_place, index) => refusals[index] === null)
    if (fitting.length > 0) await bind(pod, bestOf(pod, fitting, all))
    else {
      waiting.add(key)
      if (pod.spec.affinity?.podAffinity) waitingForOthers.add(key)
      await onUnschedulable(pod, { all, refusals, missing })
    }
  }

  const bind = async (pod: KubernetesObject, node: string) => {
    const { name, namespace, uid } = pod.metadata
    await client.patch(resources.pods, { name, namespace }, { metadata: { uid }, spec: { nodeName: node } })
    const message = `Successfully assigned ${keyOf(pod)} to ${node}`
    await control.record(pod, { type: 'Normal', reason: 'Scheduled', message })
  }

  const onUnschedulable = async (
    pod: KubernetesObject,
    facts: { all: ClusterPods; refusals: (Refusal | null)[]; missing: string | null },
  ) => {
    const { all, refusals, missing } = facts
    const nominated = all.find(({ node }) => node.metadata.name === pod.status?.nominatedNodeName)
    // Who has been promised a place waits until its victims have left it.
    if (nominated?.pods.some((each) => each.metadata.deletionTimestamp)) return
    const plan = mayPreempt(pod) ? preemptionFor(pod, all, refusals) : null
    const reasons = refusals.map((refusal) => refusal?.reasons ?? [])
    const why = plan === null ? notEligible : plan.chosen ? null : refusal(plan.reasons)
    const message = missing
      ? `0/${all.length} nodes are available: ${missing}. not found`
      : why === null || all.length === 0
        ? refusal(reasons)
        : `${refusal(reasons)} no new claims to deallocate, preemption: ${why}`
    await tellRefusal(pod, message, plan?.chosen?.node)
    if (plan?.chosen) await preempt(pod, plan.chosen)
  }

  const tellRefusal = async (pod: KubernetesObject, message: string, nominatedNodeName?: string) => {
    const { name, namespace } = pod.metadata
    const known = pod.status?.conditions?.find((each: { type: string }) => each.type === 'PodScheduled')
    if (known?.message === message && pod.status?.nominatedNodeName === nominatedNodeName) return
    const status = { ...unschedulable(pod, message), nominatedNodeName: nominatedNodeName ?? null }
    await client.patch(resources.pods, { name, namespace }, { status }, 'status')
    await control.record(pod, { type: 'Warning', reason: 'FailedScheduling', message })
  }

  const preempt = async (pod: KubernetesObject, { node, victims }: Preemption) => {
    const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`
    for (const victim of victims) {
      const { name, namespace, uid } = victim.metadata
      try {
        await client.patch(
          resources.pods,
          { name, namespace },
          { status: disrupted(victim, preempting) },
          'status',
        )
        await client.delete(resources.pods, { name, namespace }, { uid })
        await control.record(victim, { type: 'Normal', reason: 'Preempted', message })
      } catch (error) {
        if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
      }
    }
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

const notEligible = 'not eligible due to preemptionPolicy=Never.'

function mayPreempt({ spec }: KubernetesObject): boolean {
  return spec.preemptionPolicy !== 'Never'
}

function refusal(reasons: string[][]): string {
  if (!reasons.length) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const reason of reasons.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const list = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${reasons.length} nodes are available: ${list.join(', ')}.`
}

/** A pod that names a claim which is not there waits for it. */
function missingClaim(
  { spec }: KubernetesObject,
  find: (claim: string) => KubernetesObject | undefined,
): string | null {
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    const name = persistentVolumeClaim?.claimName
    if (name && !find(name)) return `persistentvolumeclaim "${name}" not found`
  }
  return null
}

/** Each node with its pods, and with those that have been promised a place there before this one. */
function placesFor(pod: KubernetesObject, nodes: KubernetesObject[], pods: KubernetesObject[]): ClusterPods {
  const byNode = new Map<string, KubernetesObject[]>(nodes.map((node) => [node.metadata.name, []]))
  for (const each of pods) {
    if (hasEnded(each) || each.metadata.uid === pod.metadata.uid) continue
    const isPromised = !each.spec.nodeName && priorityOf(each) >= priorityOf(pod)
    byNode.get(each.spec.nodeName ?? (isPromised && each.status?.nominatedNodeName))?.push(each)
  }
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

function unschedulable(pod: KubernetesObject, message: string): object {
  return withCondition(pod, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message })
}
