import type { KubernetesObject } from '../../kubernetes-object.ts'

export interface Condition {
  type: string
  status: string
  reason: string
  lastUpdateTime: string
  lastTransitionTime: string
}

export function conditionOf(status: KubernetesObject['status'], type: string): Condition | undefined {
  return status?.conditions?.find((each: Condition) => each.type === type)
}

/** The status of a Deployment by its ReplicaSets, `current` being the one of its template. */
export function statusOf(
  deployment: KubernetesObject,
  current: KubernetesObject | undefined,
  all: KubernetesObject[],
): object {
  const sum = (field: string) => all.reduce((total, each) => total + (each.status?.[field] ?? 0), 0)
  const { metadata, spec } = deployment
  const counts = {
    replicas: sum('replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
  }
  const available = counts.availableReplicas
  return {
    observedGeneration: metadata.generation,
    ...counts,
    unavailableReplicas: Math.max(0, spec.replicas - available),
    conditions: [
      condition(deployment, 'Available', availability(available >= spec.replicas - maxUnavailable(spec))),
      condition(deployment, 'Progressing', progress(deployment, counts)),
    ],
  }
}

interface Verdict {
  status: string
  reason: string
  message: string
  /** Something has moved since the condition was last written. */
  isFresh?: boolean
}

function availability(isAvailable: boolean): Verdict {
  return isAvailable
    ? {
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

/** How a rollout goes; one that has not moved for its deadline is said to have failed. */
function progress({ metadata, spec, status }: KubernetesObject, counts: Record<string, number>): Verdict {
  const name = `Deployment "${metadata.name}"`
  if (spec.paused) return { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
  const { replicas, updatedReplicas, availableReplicas } = counts
  if (
    updatedReplicas === spec.replicas &&
    replicas === updatedReplicas &&
    availableReplicas === updatedReplicas
  )
    return {
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `${name} has successfully progressed.`,
    }
  const known = conditionOf(status, 'Progressing')
  const hasMoved = Object.entries(counts).some(([field, count]) => (status?.[field] ?? 0) !== count)
  const since = Date.parse(known?.lastUpdateTime ?? '')
  const isLate =
    known !== undefined &&
    known.reason !== 'NewReplicaSetAvailable' &&
    !hasMoved &&
    Date.now() - since >= (spec.progressDeadlineSeconds ?? 600) * 1000
  return isLate
    ? {
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `${name} has timed out progressing.`,
      }
    : { status: 'True', reason: 'ReplicaSetUpdated', message: `${name} is progressing.`, isFresh: hasMoved }
}

function condition(
  { status: before }: KubernetesObject,
  type: string,
  { isFresh, ...verdict }: Verdict,
): object {
  const known = conditionOf(before, type)
  if (known?.status === verdict.status && known.reason === verdict.reason && !isFresh) return known
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const lastTransitionTime = known?.status === verdict.status ? known.lastTransitionTime : at
  return { type, ...verdict, lastUpdateTime: at, lastTransitionTime }
}

// biome-ignore lint/suspicious/noExplicitAny: a Deployment's spec
function maxUnavailable(spec: any): number {
  const value = spec.strategy?.rollingUpdate?.maxUnavailable ?? 0
  return typeof value === 'number' ? value : Math.floor((Number.parseInt(value, 10) / 100) * spec.replicas)
}
