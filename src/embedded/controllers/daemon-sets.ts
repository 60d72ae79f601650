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
import { type Revision, Revisions, revisionLabel } from './revisions.ts'
import { matchesNodeAffinity, untoleratedTaint } from './scheduling/index.ts'
import { workQueue } from './work-queue.ts'

/** Runs one pod of a DaemonSet on every node that it fits. */
export function startDaemonSetController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('daemonset-controller')
  const sets = client.inform(resources.daemonSets, ({ object }) => queue.add(keyOf(object)))
  const nodes = client.inform(resources.nodes, () => {
    for (const set of sets.list()) queue.add(keyOf(set))
  })
  const pods = client.inform(resources.pods, ({ object }) => {
    const owner = controllerOf(object)
    if (owner?.kind === 'DaemonSet') queue.add(`${object.metadata.namespace}/${owner.name}`)
  })
  const revisions = new Revisions(client, client.inform(resources.controllerRevisions), (name) =>
    name.slice(name.lastIndexOf('-') + 1),
  )
  const control = new PodControl(client, 'daemonset-controller')

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const set = sets.get(name, namespace)
    if (!set || set.metadata.deletionTimestamp) return
    const { current } = await revisions.of(set)
    const owned = () => pods.list().filter((pod) => controllerOf(pod)?.uid === set.metadata.uid)
    const fitting = nodes.list().filter((node) => fits(set, node))
    for (const node of fitting) {
      if (!owned().some((pod) => nodeOf(pod) === node.metadata.name && !hasEnded(pod)))
        await control.create(set, podFor(set, node.metadata.name, current))
    }
    for (const pod of surplus(owned(), fitting)) await control.delete(set, pod)
    for (const pod of outdated(set, owned(), current)) await control.delete(set, pod)
    await writeStatus(set, owned().filter(isActivePod), { fitting, current })
    const inUse = owned().map((pod) => pod.metadata.labels?.[revisionLabel] ?? '')
    await revisions.prune(set, new Set([current.hash, ...inUse]))
  }

  const writeStatus = async (
    { metadata }: KubernetesObject,
    active: KubernetesObject[],
    { fitting, current }: { fitting: KubernetesObject[]; current: Revision },
  ) => {
    const names = new Set(fitting.map((node) => node.metadata.name))
    const placed = active.filter((pod) => names.has(nodeOf(pod)))
    const ready = placed.filter(isReadyPod).length
    const updated = placed.filter((pod) => pod.metadata.labels?.[revisionLabel] === current.hash)
    const status = {
      observedGeneration: metadata.generation,
      desiredNumberScheduled: fitting.length,
      currentNumberScheduled: placed.length,
      numberMisscheduled: active.length - placed.length,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: fitting.length - ready,
      updatedNumberScheduled: updated.length,
    }
    const { name, namespace } = metadata
    await client.patch(resources.daemonSets, { name, namespace }, { status }, 'status')
  }

  const queue = workQueue({ name: 'daemonsets', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

/** What a daemon puts up with, whatever its template says (Kubernetes: DaemonSet, taints and tolerations). */
const tolerations = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]

function fits({ spec }: KubernetesObject, node: KubernetesObject): boolean {
  const podSpec = tolerant(spec.template.spec)
  return matchesNodeAffinity(podSpec, node) && untoleratedTaint(podSpec, node) === null
}

function tolerant(spec: KubernetesObject['spec']): KubernetesObject['spec'] {
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...tolerations] }
}

/** Bound by the scheduler, to the one node that its affinity names. */
function podFor(set: KubernetesObject, node: string, { hash, template }: Revision): KubernetesObject {
  const spec = tolerant(template.spec)
  const { affinity } = spec
  const own = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const field = { key: 'metadata.name', operator: 'In', values: [node] }
  const terms = (own ?? [{}]).map((term: object) => ({ ...term, matchFields: [field] }))
  const nodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
  }
  return podFrom(set, template, {
    labels: { [revisionLabel]: hash, 'pod-template-generation': String(set.metadata.generation ?? 1) },
    spec: { ...spec, affinity: { ...affinity, nodeAffinity } },
  })
}

/** The node that a pod is on, or was made for. */
function nodeOf({ spec }: KubernetesObject): string {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return spec.nodeName ?? required?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0] ?? ''
}

function hasEnded({ status }: KubernetesObject): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded'
}

/** Pods on nodes that are no longer meant, those that have ended, and seconds on the same node. */
function surplus(owned: KubernetesObject[], fitting: KubernetesObject[]): KubernetesObject[] {
  const taken = new Set<string>()
  return owned.filter((pod) => {
    if (pod.metadata.deletionTimestamp) return false
    const node = nodeOf(pod)
    const isMeant = fitting.some(({ metadata }) => metadata.name === node) && !hasEnded(pod)
    if (!isMeant || taken.has(node)) return true
    taken.add(node)
    return false
  })
}

/** The pods that an update replaces now: as many as may be unavailable at a time. */
function outdated(
  { spec }: KubernetesObject,
  owned: KubernetesObject[],
  { hash }: Revision,
): KubernetesObject[] {
  if (spec.updateStrategy?.type === 'OnDelete') return []
  const value = spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1
  const most =
    typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) / 100) * owned.length)
  const active = owned.filter(isActivePod)
  const unavailable = owned.length - active.filter(isReadyPod).length
  const old = active.filter((pod) => pod.metadata.labels?.[revisionLabel] !== hash)
  const broken = old.filter((pod) => !isReadyPod(pod))
  const healthy = old.filter(isReadyPod).slice(0, Math.max(0, Math.max(1, most) - unavailable))
  return [...broken, ...healthy]
}
