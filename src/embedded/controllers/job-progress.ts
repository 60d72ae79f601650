import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isActivePod } from './controller.ts'
import type { RecordedEvent } from './event-recorder.ts'

const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

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
}

export interface JobOutcome {
  isSuccess: boolean
  conditions: { type: string; reason: string; message: string }[]
  event: RecordedEvent
}

/** Counts a Job's pods; what was counted before stays counted when its pod is deleted. */
export function jobCount({ spec, status }: KubernetesObject, pods: KubernetesObject[]): JobCount {
  const inPhase = (phase: string) => pods.filter((pod) => pod.status?.phase === phase)
  const isIndexed = spec.completionMode === 'Indexed'
  const indexes = new Set(isIndexed ? readIndexes(status?.completedIndexes ?? '') : [])
  for (const pod of inPhase('Succeeded')) if (isIndexed) indexes.add(indexOf(pod))
  const failed = inPhase('Failed')
  return {
    active: pods.filter(isActivePod),
    terminating: pods.filter(({ metadata, status: { phase } = {} as never }) =>
      Boolean(metadata.deletionTimestamp && phase !== 'Succeeded' && phase !== 'Failed'),
    ).length,
    succeeded: isIndexed ? indexes.size : Math.max(status?.succeeded ?? 0, inPhase('Succeeded').length),
    failed: Math.max(status?.failed ?? 0, failed.length),
    completedIndexes: isIndexed ? writeIndexes(indexes) : '',
    lastFailureAt: failed.length > 0 ? Math.max(...failed.map(endOf)) : null,
  }
}

/** One entry for each pod to be made: its number in an Indexed Job, null in others. */
export function missingPods({ spec }: KubernetesObject, count: JobCount): (number | null)[] {
  const parallelism = spec.parallelism ?? 1
  const completions = spec.completions ?? null
  if (spec.completionMode === 'Indexed') {
    const done = new Set(readIndexes(count.completedIndexes))
    const running = new Set(count.active.map(indexOf))
    const open = Array.from({ length: completions ?? 0 }, (_each, index) => index).filter(
      (index) => !done.has(index) && !running.has(index),
    )
    return open.slice(0, Math.max(0, parallelism - count.active.length))
  }
  // Without a number of completions one success is enough, and no pod is made after it.
  const left = completions === null ? (count.succeeded > 0 ? 0 : parallelism) : completions - count.succeeded
  const wanted = Math.min(parallelism, left) - count.active.length
  return Array.from({ length: Math.max(0, wanted) }, () => null)
}

/** How a Job has ended (batch/v1 JobStatus); null while it goes on. */
export function jobOutcome(job: KubernetesObject, count: JobCount, now: Date): JobOutcome | null {
  const { spec, status } = job
  const startedAt = status?.startTime ? Date.parse(status.startTime) : now.getTime()
  if (spec.activeDeadlineSeconds && now.getTime() - startedAt >= spec.activeDeadlineSeconds * 1000)
    return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  if (count.failed > (spec.backoffLimit ?? 6) || restartsOf(count.active) > (spec.backoffLimit ?? 6))
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  const isDone =
    spec.completions === undefined
      ? count.succeeded > 0 && count.active.length === 0
      : count.succeeded >= spec.completions
  return isDone ? success() : null
}

function success(): JobOutcome {
  const message = 'Reached expected number of succeeded pods'
  return {
    isSuccess: true,
    conditions: [
      { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message },
      { type: 'Complete', reason: 'CompletionsReached', message },
    ],
    event: { type: 'Normal', reason: 'Completed', message: 'Job completed' },
  }
}

function failure(reason: string, message: string): JobOutcome {
  return {
    isSuccess: false,
    conditions: [
      { type: 'FailureTarget', reason, message },
      { type: 'Failed', reason, message },
    ],
    event: { type: 'Warning', reason, message },
  }
}

/** With restartPolicy OnFailure a pod fails in place: each restart counts. */
function restartsOf(active: KubernetesObject[]): number {
  const statuses = active
    .filter(({ spec }) => spec.restartPolicy === 'OnFailure')
    .flatMap(({ status }) => status?.containerStatuses ?? [])
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
