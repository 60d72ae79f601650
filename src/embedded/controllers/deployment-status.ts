import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { mostUnavailable } from './rollout-limits.ts'
import { nonZero } from './write-status.ts'

export interface Condition {
  type: string
  status: string
  reason: string
  message: string
  lastUpdateTime: string
  lastTransitionTime: string
}

export interface DeploymentStatus {
  conditions: Condition[]
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
}

export interface DeploymentFacts {
  /** The ReplicaSet of the template as it is. */
  current: KubernetesObject | undefined
  all: KubernetesObject[]
  /** Whether it was just made, or was there. */
  found: 'created' | 'known'
}

export function conditionOf(
  status: Partial<DeploymentStatus> | undefined,
  type: string,
): Condition | undefined {
  return status?.conditions?.find((each) => each.type === type)
}

/** Whether a rollout is over by what the status says. */
export function isComplete({ spec, status, metadata }: KubernetesObject): boolean {
  return isAllThere(spec, status ?? {}) && (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
}

/** The status of a Deployment by its ReplicaSets. */
export function statusOf(deployment: KubernetesObject, facts: DeploymentFacts): DeploymentStatus {
  const { metadata, spec } = deployment
  const { current, all } = facts
  const sum = (field: string) => all.reduce((total, each) => total + (each.status?.[field] ?? 0), 0)
  const available = sum('availableReplicas')
  const counts = nonZero({
    replicas: sum('replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, all.reduce((total, each) => total + each.spec.replicas, 0) - available),
  })
  const conditions = new Conditions(deployment.status?.conditions)
  conditions.set(availability(available >= spec.replicas - mostUnavailable(spec)))
  progress(conditions, deployment, { ...facts, counts })
  const failure = all.map(({ status }) => conditionOf(status, 'ReplicaFailure')).find(Boolean)
  if (failure) conditions.set({ ...failure })
  else conditions.remove('ReplicaFailure')
  return { observedGeneration: metadata.generation, ...counts, conditions: conditions.list }
}

type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

/** As kube-controller-manager keeps them: what changes its reason goes to the end. */
class Conditions {
  list: Condition[]

  constructor(before: Condition[] = []) {
    this.list = [...before]
  }

  /** `isFresh`: written anew although it says what it said. */
  set({ type, status, reason, message }: Verdict, isFresh = false): void {
    const known = this.find(type)
    if (known?.status === status && known.reason === reason && !isFresh) return
    const now = apiTime()
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now
    this.remove(type)
    this.list.push({ type, status, reason, message, lastUpdateTime: now, lastTransitionTime })
  }

  find(type: string): Condition | undefined {
    return this.list.find((each) => each.type === type)
  }

  remove(type: string): void {
    this.list = this.list.filter((each) => each.type !== type)
  }
}

function availability(isAvailable: boolean): Verdict {
  const type = 'Available'
  return isAvailable
    ? {
        type,
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type,
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

/** How a rollout goes; one that has not moved for its deadline is said to have failed. */
function progress(
  conditions: Conditions,
  { metadata, spec, status }: KubernetesObject,
  { current, found, counts }: DeploymentFacts & { counts: Partial<DeploymentStatus> },
): void {
  const set = (value: 'True' | 'False' | 'Unknown', [reason, message]: [string, string], isFresh = false) =>
    conditions.set({ type: 'Progressing', status: value, reason, message }, isFresh)
  const known = conditions.find('Progressing')
  if (spec.paused) {
    set('Unknown', ['DeploymentPaused', 'Deployment is paused'])
    return
  }
  if (known?.reason === 'DeploymentPaused') set('Unknown', ['DeploymentResumed', 'Deployment is resumed'])
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${metadata.name}"`
  const isSettled = counts.replicas === counts.updatedReplicas && known?.reason === 'NewReplicaSetAvailable'
  if (found === 'created')
    set('True', ['NewReplicaSetCreated', `Created new replica set "${current?.metadata.name}"`])
  else if (isSettled) return
  else if (isAllThere(spec, counts))
    set('True', ['NewReplicaSetAvailable', `${subject} has successfully progressed.`])
  else if (hasMoved(status ?? {}, counts))
    set('True', ['ReplicaSetUpdated', `${subject} is progressing.`], true)
  else if (!known && current)
    set('True', ['FoundNewReplicaSet', `Found new replica set "${current.metadata.name}"`])
  else if (isLate(spec.progressDeadlineSeconds, known))
    set('False', ['ProgressDeadlineExceeded', `${subject} has timed out progressing.`])
}

function isAllThere(spec: KubernetesObject['spec'], counts: Partial<DeploymentStatus>): boolean {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = counts
  return [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
}

function hasMoved(before: Partial<DeploymentStatus>, now: Partial<DeploymentStatus>): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Partial<DeploymentStatus>) => replicas - updatedReplicas
  const grew = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas') =>
    (now[field] ?? 0) > (before[field] ?? 0)
  return (
    grew('updatedReplicas') || grew('readyReplicas') || grew('availableReplicas') || old(now) < old(before)
  )
}

function isLate(deadlineSeconds: number, known: Condition | undefined): boolean {
  if (!known || known.reason === 'NewReplicaSetAvailable') return false
  return Date.now() - Date.parse(known.lastUpdateTime) >= deadlineSeconds * 1000
}
