import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { isAvailablePod, nextAvailableMs } from './availability.ts'
import { type Controller, type ControllerContext, isActivePod, isReadyPod } from './controller.ts'
import { fits, mayStay, nodeOf, podFor } from './daemon-placement.ts'
import { planUpdate } from './daemon-update.ts'
import { type OwnerTools, startPodOwner } from './pod-owner.ts'
import { type Revision, Revisions, revisionLabel } from './revisions.ts'
import { nonZero } from './write-status.ts'

/** Runs one pod of a DaemonSet on every node that it fits. */
export function startDaemonSetController(context: ControllerContext): Controller {
  const owner = { type: resources.daemonSets, kind: 'DaemonSet', component: 'daemonset-controller' }
  return startPodOwner(context, owner, (tools) => {
    const nodes = tools.client.inform(resources.nodes, () => tools.addAll())
    const stored = tools.client.inform(resources.controllerRevisions)
    const revisions = new Revisions(tools.client, stored, (name) => name.slice(name.lastIndexOf('-') + 1))
    return async (set) => {
      const { current } = await revisions.of(set)
      const all = nodes.list()
      await keepOneOnEach(set, { nodes: all, current, tools })
      await update(set, { nodes: all, current, tools })
      const inUse = tools.podsOf(set).map((pod) => pod.metadata.labels?.[revisionLabel] ?? '')
      await revisions.prune(set, new Set([current.hash, ...inUse]))
      const wait = nextAvailableMs(tools.podsOf(set), set.spec.minReadySeconds)
      if (wait !== null) tools.lookAgain(set, wait)
      return statusOf(set, tools.podsOf(set), { nodes: all, current })
    }
  })
}

interface Place {
  nodes: KubernetesObject[]
  current: Revision
}

/** Makes what is missing, and takes away what has ended, what is on a node that is not meant, and seconds on a node. */
async function keepOneOnEach(
  set: KubernetesObject,
  { nodes, current, tools }: Place & { tools: OwnerTools },
): Promise<void> {
  const { control, podsOf } = tools
  const staying = new Set(nodes.filter((node) => mayStay(set, node)).map(({ metadata }) => metadata.name))
  const kept = new Map<string, KubernetesObject[]>()
  for (const pod of podsOf(set)) {
    const name = nodeOf(pod)
    if (hasEnded(pod) && !pod.metadata.deletionTimestamp) {
      const { namespace, name: podName } = pod.metadata
      const message = `Found failed daemon pod ${namespace}/${podName} on node ${name}, will try to kill it`
      await control.record(set, { type: 'Warning', reason: 'FailedDaemonPod', message })
      await control.delete(set, pod)
    } else if (!staying.has(name) && !pod.metadata.deletionTimestamp) await control.delete(set, pod)
    else kept.set(name, [...(kept.get(name) ?? []), pod])
  }
  for (const [, pods] of kept) {
    const [, ...seconds] = pods.filter(
      (pod) => isActivePod(pod) && pod.metadata.labels?.[revisionLabel] === current.hash,
    )
    for (const pod of seconds) await control.delete(set, pod)
  }
  // A pod that is going still holds its place: the next comes when it is gone.
  for (const { metadata } of nodes.filter((node) => fits(set, node)))
    if (!kept.has(metadata.name)) await control.create(set, podFor(set, metadata.name, current))
}

async function update(
  set: KubernetesObject,
  { nodes, current, tools }: Place & { tools: OwnerTools },
): Promise<void> {
  if (set.spec.updateStrategy?.type === 'OnDelete') return
  const meant = nodes.filter((node) => fits(set, node)).map(({ metadata }) => metadata.name)
  const byNode = new Map<string, KubernetesObject[]>(meant.map((name) => [name, []]))
  for (const pod of tools.podsOf(set)) byNode.get(nodeOf(pod))?.push(pod)
  const plan = planUpdate(set, byNode, current.hash)
  for (const pod of plan.remove) await tools.control.delete(set, pod)
  for (const node of plan.create) await tools.control.create(set, podFor(set, node, current))
}

function statusOf(
  { metadata, spec }: KubernetesObject,
  pods: KubernetesObject[],
  { nodes, current }: Place,
): object {
  const meant = new Set(
    nodes.filter((node) => fits({ spec } as never, node)).map((node) => node.metadata.name),
  )
  const onNode = new Map<string, KubernetesObject>()
  let misscheduled = 0
  for (const pod of pods.filter(isActivePod)) {
    if (!meant.has(nodeOf(pod))) misscheduled += 1
    // Of two on one node, as an update with maxSurge has it, the better one counts.
    else if (!isReadyPod(onNode.get(nodeOf(pod)) ?? pod) || !onNode.has(nodeOf(pod)))
      onNode.set(nodeOf(pod), pod)
  }
  const placed = [...onNode.values()]
  const available = placed.filter((pod) => isAvailablePod(pod, spec.minReadySeconds)).length
  const updated = placed.filter((pod) => pod.metadata.labels?.[revisionLabel] === current.hash)
  return {
    currentNumberScheduled: placed.length,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: meant.size,
    numberReady: placed.filter(isReadyPod).length,
    observedGeneration: metadata.generation,
    ...nonZero({
      updatedNumberScheduled: updated.length,
      numberAvailable: available,
      numberUnavailable: meant.size - available,
    }),
  }
}

function hasEnded({ status }: KubernetesObject): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded'
}
