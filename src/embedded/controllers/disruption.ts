import type { KubernetesObject, OwnerReference } from '../../kubernetes-object.ts'
import { type Informer, resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  isReadyPod,
  keyOf,
  selects,
  splitKey,
} from './controller.ts'
import { resolvePercent } from './int-or-percent.ts'
import { workQueue } from './work-queue.ts'
import { writeStatus } from './write-status.ts'

/** An eviction that was allowed, and whose pod stays all the same, is forgotten after this time. */
const evictionTimeoutMs = 120_000

/** Keeps the status of PodDisruptionBudgets, by which the API server allows evictions. */
export function startDisruptionController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('disruption-controller')
  const budgets = client.inform(resources.podDisruptionBudgets, ({ object }) => queue.add(keyOf(object)))
  // Labels and owners may have been others before: whatever guards pods of the namespace is counted anew.
  const recount = ({ metadata }: KubernetesObject) => {
    for (const budget of budgets.list())
      if (budget.metadata.namespace === metadata.namespace) queue.add(keyOf(budget))
  }
  const pods = client.inform(resources.pods, ({ object }) => recount(object))
  const workloads = Object.fromEntries(
    Object.entries(scaled).map(([kind, type]) => [
      kind,
      client.inform(type, ({ object }) => recount(object)),
    ]),
  )

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const budget = budgets.get(name, namespace)
    if (!budget || budget.metadata.deletionTimestamp) return
    const guarded = pods
      .list()
      .filter(({ metadata }) => metadata.namespace === namespace && guards(budget, metadata.labels))
    const scale = expectedScale(guarded, workloads)
    const disruptedPods = stillDisrupted(budget, guarded)
    const oldest = Math.min(...Object.values(disruptedPods).map((time) => Date.parse(time)))
    if (Number.isFinite(oldest)) queue.addAfter(key, oldest + evictionTimeoutMs - Date.now())
    const status = budgetStatus(budget, { guarded, scale, disruptedPods })
    if (JSON.stringify(status) === JSON.stringify(budget.status)) return
    await writeStatus({ client, type: resources.podDisruptionBudgets, object: budget, status })
  }

  const queue = workQueue({ name: 'disruption', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

const scaled = {
  Deployment: resources.deployments,
  ReplicaSet: resources.replicaSets,
  StatefulSet: resources.statefulSets,
}

/** A budget without a selector guards nothing; with an empty one every pod that has labels. */
function guards({ spec }: KubernetesObject, labels: Record<string, string> = {}): boolean {
  return Boolean(spec.selector) && Object.keys(labels).length > 0 && selects(spec.selector, labels)
}

/** How many pods their owners want in all; a pod without an owner is not counted. */
function expectedScale(pods: KubernetesObject[], workloads: Record<string, Informer>): number {
  const owners = new Map<string, number>()
  for (const pod of pods) {
    let owner: OwnerReference | undefined = controllerOf(pod)
    let found = owner && workloads[owner.kind]?.get(owner.name, pod.metadata.namespace)
    // The pods of a rollout are of several ReplicaSets, and all of one Deployment.
    owner = found && controllerOf(found)
    found = (owner && workloads[owner.kind]?.get(owner.name, pod.metadata.namespace)) ?? found
    if (found) owners.set(found.metadata.uid!, found.spec.replicas ?? 0)
  }
  return [...owners.values()].reduce((sum, replicas) => sum + replicas, 0)
}

/** Evictions that were allowed and whose pods are still there, less those that came to nothing. */
function stillDisrupted({ status }: KubernetesObject, pods: KubernetesObject[]): Record<string, string> {
  const there = new Set(
    pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name),
  )
  const entries = Object.entries<string>(status?.disruptedPods ?? {})
  const kept = entries.filter(
    ([name, time]) => there.has(name) && Date.parse(time) + evictionTimeoutMs > Date.now(),
  )
  return Object.fromEntries(kept)
}

interface Guarded {
  guarded: KubernetesObject[]
  scale: number
  disruptedPods: Record<string, string>
}

/** As the disruption controller of Kubernetes counts: maxUnavailable and percentages are of what the owners want. */
export function budgetStatus(
  { spec, status, metadata }: KubernetesObject,
  { guarded, scale, disruptedPods }: Guarded,
): object {
  const { minAvailable, maxUnavailable } = spec
  const isCounted = maxUnavailable === undefined && typeof minAvailable !== 'string'
  const expectedPods = isCounted ? guarded.length : scale
  const desiredHealthy =
    maxUnavailable === undefined
      ? resolvePercent(minAvailable ?? 1, expectedPods, Math.ceil)
      : Math.max(0, expectedPods - resolvePercent(maxUnavailable, expectedPods, Math.ceil))
  const healthy = guarded.filter(
    (pod) => !pod.metadata.deletionTimestamp && isReadyPod(pod) && !(pod.metadata.name in disruptedPods),
  )
  const spare = healthy.length - desiredHealthy
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, spare) : 0
  return {
    observedGeneration: metadata.generation,
    ...(Object.keys(disruptedPods).length ? { disruptedPods } : {}),
    disruptionsAllowed,
    currentHealthy: healthy.length,
    desiredHealthy,
    expectedPods,
    conditions: [condition(status?.conditions?.[0], disruptionsAllowed > 0, metadata.generation)],
  }
}

function condition(
  before: { status: string; lastTransitionTime: string } | undefined,
  isAllowed: boolean,
  observedGeneration: number | undefined,
): object {
  const status = isAllowed ? 'True' : 'False'
  return {
    type: 'DisruptionAllowed',
    status,
    observedGeneration,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : apiTime(),
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  }
}
