import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { selects } from '../label-selector.ts'
import type { ActionRequest } from './action-request.ts'
import { parseDeleteOptions } from './deletion.ts'
import { isObject, jsonCopy } from './json.ts'
import { badRequest, forbidden, StatusError } from './status-error.ts'

const budgets = 'apis/policy/v1/poddisruptionbudgets'
/** So many pods that are on their way out is more than a budget keeps. */
const maxDisrupted = 2000
const retryAfterSeconds = 10

/** Deletes a pod as `kubectl drain` wants it, where its PodDisruptionBudget allows it. Throws 429 where it does not. */
export function evict({ registry, target, body, options }: ActionRequest): object {
  if (!isObject(body) || body.kind !== 'Eviction')
    throw badRequest('the object provided is unrecognized (must be of type Eviction)')
  if (body.metadata?.name !== target.name)
    throw badRequest('name in URL does not match name in Eviction object')
  const deletion = parseDeleteOptions(body.deleteOptions)
  const writing = { ...options, dryRun: options.dryRun || deletion.dryRun }
  const podTarget = { ...target, subresource: undefined }
  const pod = registry.get(podTarget)
  const budget = budgetOf(pod, registry.store.list(budgets, target.namespace))
  if (budget && !isHarmless(pod, budget)) {
    const status = { ...disrupted(budget, target.name) }
    const { name, namespace } = budget.metadata
    const kind = registry.kinds.kindOf(budgets)!
    const document = { status }
    registry.patch(
      { kind, namespace, name, subresource: 'status' },
      { type: 'merge', document },
      { ...writing, fieldManager: 'kube-apiserver' },
    )
  }
  registry.delete(podTarget, deletion, writing)
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}

/** The budget that guards a pod which is not on its way out anyway. */
function budgetOf(pod: KubernetesObject, all: KubernetesObject[]): KubernetesObject | undefined {
  const { labels } = pod.metadata
  const isLeaving =
    pod.metadata.deletionTimestamp || ['Succeeded', 'Failed', 'Pending'].includes(pod.status?.phase)
  if (isLeaving || !labels || !Object.keys(labels).length) return undefined
  const [budget, another] = all.filter(({ spec }) => spec?.selector && selects(spec.selector, labels))
  if (another) {
    const why =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    throw new StatusError(500, '', why)
  }
  return budget
}

/** A pod that does no work may go, unless it is needed to come back to work. */
function isHarmless(pod: KubernetesObject, { spec, status = {} }: KubernetesObject): boolean {
  const conditions: { type: string; status: string }[] = pod.status?.conditions ?? []
  if (conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy
}

/** The status of a budget that has one disruption less to allow. */
function disrupted({ metadata, status = {} }: KubernetesObject, pod: string): object {
  const { disruptionsAllowed = 0, disruptedPods = {}, desiredHealthy = 0, currentHealthy = 0 } = status
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    const why = `The disruption budget ${metadata.name} is still being processed by the server.`
    throw tooManyRequests(why, retryAfterSeconds)
  }
  const resource = { group: 'policy', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget' }
  if (disruptionsAllowed < 0) throw forbidden(resource, metadata.name, 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > maxDisrupted)
    throw forbidden(
      resource,
      metadata.name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    )
  if (disruptionsAllowed === 0) {
    const needs = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
    throw tooManyRequests(`The disruption budget ${metadata.name} ${needs}`)
  }
  const now = apiTime()
  const left = disruptionsAllowed - 1
  return {
    disruptionsAllowed: left,
    disruptedPods: { ...disruptedPods, [pod]: now },
    ...(left === 0 ? { conditions: insufficient(metadata, status.conditions, now) } : {}),
  }
}

function insufficient(
  { generation }: KubernetesObject['metadata'],
  conditions: { type: string }[] = [],
  now: string,
): object[] {
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: generation,
    lastTransitionTime: now,
    reason: 'InsufficientPods',
    message: '',
  }
  return [...jsonCopy(conditions).filter(({ type }) => type !== condition.type), condition]
}

function tooManyRequests(why: string, seconds?: number): StatusError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget."
  const causes = [{ reason: 'DisruptionBudget', message: why }]
  return new StatusError(429, 'TooManyRequests', message, { causes, retryAfterSeconds: seconds })
}
