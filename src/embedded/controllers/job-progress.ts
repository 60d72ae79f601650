import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isActivePod } from './controller.ts'
import { judgeFailure } from './job-failure-policy.ts'
import { hasTracking, indexAnnotation } from './job-pod.ts'
import { byDispensability } from './replica-order.ts'

/** How far a Job has come. */
export interface JobCount {
  active: KubernetesObject[]
  terminating: number
  succeeded: number
  failed: number
  /** As Indexed Jobs write it: `0-2,4`. */
  completedIndexes: string
  /** Milliseconds of the epoch; null where nothing failed. */
  lastFailureAt: number | null
  /** UIDs of pods that are counted here for the first time, as the status notes them until they are released. */
  newlyCounted: { succeeded?: string[]; failed?: string[] }
  /** Pods that are counted and still held. */
  toRelease: KubernetesObject[]
  /** Why the failure of a pod fails the whole Job; null where none does. */
  fatal: string | null
}

export interface JobOutcome {
  isSuccess: boolean
  reason: string
  message: string
}

/**
 * Counts a Job's pods: to what its status says come the pods that have ended since. Each is held by a finalizer until
 * it is counted, so that none is lost and none counts twice.
 */
export function jobCount(job: KubernetesObject, pods: KubernetesObject[]): JobCount {
  const { spec, status } = job
  const isIndexed = spec.completionMode === 'Indexed'
  const indexes = new Set(isIndexed ? readIndexes(status?.completedIndexes ?? '') : [])
  const known = new Set<string>(Object.values<string[]>(status?.uncountedTerminatedPods ?? {}).flat())
  const held = pods.filter(hasTracking)
  const fresh = held.filter(({ metadata }) => !known.has(metadata.uid!))
  const succeeded = fresh.filter((pod) => pod.status?.phase === 'Succeeded')
  const failures = fresh
    .filter((pod) => hasFailed(job, pod))
    .map((pod) => ({ pod, ...judgeFailure(job, pod) }))
  const failed = failures.filter(({ action }) => action !== 'Ignore').map(({ pod }) => pod)
  for (const pod of succeeded) if (isIndexed) indexes.add(indexOf(pod))
  const uids = (list: KubernetesObject[]) => list.map(({ metadata }) => metadata.uid!)
  const ended = pods.filter((pod) => pod.status?.phase === 'Failed')
  return {
    active: pods.filter(isActivePod),
    terminating: pods.filter(isTerminating).length,
    succeeded: isIndexed ? indexes.size : (status?.succeeded ?? 0) + succeeded.length,
    failed: (status?.failed ?? 0) + failed.length,
    completedIndexes: isIndexed ? writeIndexes(indexes) : '',
    lastFailureAt: ended.length > 0 ? Math.max(...ended.map(endOf)) : null,
    newlyCounted: {
      ...(succeeded.length > 0 ? { succeeded: uids(succeeded) } : {}),
      ...(failed.length > 0 ? { failed: uids(failed) } : {}),
    },
    toRelease: held.filter((pod) => pod.status?.phase === 'Succeeded' || hasFailed(job, pod)),
    fatal: failures.find(({ action }) => action === 'FailJob')?.message ?? null,
  }
}

/** A pod that is being deleted has failed, unless the Job wants to see it end. */
function hasFailed({ spec }: KubernetesObject, { metadata, status }: KubernetesObject): boolean {
  if (status?.phase === 'Failed') return true
  const waits = spec.podReplacementPolicy === 'Failed'
  return !waits && metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded'
}

function isTerminating({ metadata, status }: KubernetesObject): boolean {
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return metadata.deletionTimestamp !== undefined && !hasEnded
}

/** One entry for each pod to be made: its number in an Indexed Job, null in others. */
export function missingPods({ spec }: KubernetesObject, count: JobCount): (number | null)[] {
  // A pod that is ending holds its place where its failure is waited for.
  const ending = spec.podReplacementPolicy === 'Failed' ? count.terminating : 0
  const parallelism = (spec.parallelism ?? 1) - ending
  if (spec.completionMode === 'Indexed') {
    const done = new Set(readIndexes(count.completedIndexes))
    const running = new Set(count.active.map(indexOf))
    const open = Array.from({ length: spec.completions ?? 0 }, (_each, index) => index).filter(
      (index) => !done.has(index) && !running.has(index),
    )
    return open.slice(0, Math.max(0, parallelism - count.active.length))
  }
  const wanted = wantedPods(spec, count, parallelism) - count.active.length
  return Array.from({ length: Math.max(0, wanted) }, () => null)
}

/** Pods beyond what the Job asks for: all of one that is suspended, the first to go of one whose parallelism has shrunk. */
export function surplusPods({ spec }: KubernetesObject, count: JobCount): KubernetesObject[] {
  const { active } = count
  const wanted = spec.suspend ? 0 : wantedPods(spec, count, spec.parallelism ?? 1)
  return active.length > wanted
    ? [...active].sort(byDispensability(active)).slice(0, active.length - wanted)
    : []
}

/** How many are to run at once. */
function wantedPods(spec: KubernetesObject['spec'], count: JobCount, parallelism: number): number {
  const { active, succeeded } = count
  if (spec.completions !== undefined) return Math.min(parallelism, spec.completions - succeeded)
  // Without a number of completions one success is enough, and no pod is made after it.
  return succeeded > 0 ? active.length : parallelism
}

/** How a Job has ended (batch/v1 JobStatus), or is going to once its pods have; null while it goes on. */
export function jobOutcome(job: KubernetesObject, count: JobCount, now: Date): JobOutcome | null {
  const { spec, status } = job
  const begun = status?.conditions?.find(
    ({ type }: { type: string }) => type === 'FailureTarget' || type === 'SuccessCriteriaMet',
  )
  if (begun) {
    const { type, reason, message } = begun
    return { isSuccess: type === 'SuccessCriteriaMet', reason, message }
  }
  if (count.fatal) return { isSuccess: false, reason: 'PodFailurePolicy', message: count.fatal }
  const startedAt = status?.startTime && !spec.suspend ? Date.parse(status.startTime) : now.getTime()
  if (spec.activeDeadlineSeconds && now.getTime() - startedAt >= spec.activeDeadlineSeconds * 1000)
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  const backoffLimit = spec.backoffLimit ?? 6
  if (count.failed > backoffLimit || restartsOf(count.active) >= Math.max(1, backoffLimit))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  const isDone =
    spec.completions === undefined
      ? count.succeeded > 0 && count.active.length === 0
      : count.succeeded >= spec.completions
  return isDone
    ? {
        isSuccess: true,
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      }
    : null
}

function failure(reason: string, message: string): JobOutcome {
  return { isSuccess: false, reason, message }
}

/** With restartPolicy OnFailure a pod fails in place: each restart counts. */
function restartsOf(active: KubernetesObject[]): number {
  const statuses = active
    .filter(({ spec }) => spec.restartPolicy === 'OnFailure')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
  return statuses.reduce((total, { restartCount = 0 }) => total + restartCount, 0)
}

function indexOf({ metadata }: KubernetesObject): number {
  return Number(metadata.annotations?.[indexAnnotation] ?? -1)
}

function endOf({ status }: KubernetesObject): number {
  const times = (status?.containerStatuses ?? []).map(
    ({ state }: { state?: { terminated?: { finishedAt: string } } }) =>
      Date.parse(state?.terminated?.finishedAt ?? ''),
  )
  return Math.max(0, ...times.filter((time: number) => !Number.isNaN(time)))
}

function readIndexes(text: string): number[] {
  return text
    .split(',')
    .filter(Boolean)
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number) as [number, number?]
      return Array.from({ length: last! - first + 1 }, (_each, offset) => first + offset)
    })
}

function writeIndexes(indexes: Set<number>): string {
  const ranges: [number, number][] = []
  for (const index of [...indexes].sort((one, other) => one - other)) {
    const last = ranges.at(-1)
    if (last && last[1] === index - 1) last[1] = index
    else ranges.push([index, index])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
