import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { isActivePod } from './controller.ts'
import type { RecordedEvent } from './event-recorder.ts'
import type { JobOutcome } from './job-progress.ts'

interface Condition {
  type: string
  status: string
  reason: string
  message: string
  lastProbeTime: string
  lastTransitionTime: string
}

/** Whether a condition says that a Job is over. */
export function isFinal({ type, status }: { type: string; status: string }): boolean {
  return (type === 'Complete' || type === 'Failed') && status === 'True'
}

/** A Job's conditions by what it has come to, and the Events that go with what is new among them. */
export function conditionsAfter(
  { spec, status }: KubernetesObject,
  outcome: JobOutcome | null,
  pods: KubernetesObject[],
): { conditions: Condition[]; events: RecordedEvent[] } {
  const conditions: Condition[] = [...(status?.conditions ?? [])]
  const events: RecordedEvent[] = []
  const find = (type: string) => conditions.find((each) => each.type === type)
  const set = (type: string, value: boolean, why: { reason: string; message: string }) => {
    const known = conditions.findIndex((each) => each.type === type)
    const at = apiTime()
    const condition = {
      type,
      status: value ? 'True' : 'False',
      lastProbeTime: at,
      lastTransitionTime: at,
      ...why,
    }
    if (known < 0) conditions.push(condition)
    else conditions[known] = condition
  }
  if (outcome) {
    const { isSuccess, reason, message } = outcome
    const first = isSuccess ? 'SuccessCriteriaMet' : 'FailureTarget'
    if (!find(first)) set(first, true, { reason, message })
    // A Job is over once none of its pods runs any more.
    const isQuiet = pods.every((pod) => !isActivePod(pod) && !isStopping(pod))
    if (isQuiet) {
      set(isSuccess ? 'Complete' : 'Failed', true, { reason, message })
      const event: RecordedEvent = isSuccess
        ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
        : { type: 'Warning', reason, message }
      events.push(event)
    }
    return { conditions, events }
  }
  const isSuspended = find('Suspended')?.status === 'True'
  if (spec.suspend && !isSuspended) {
    set('Suspended', true, { reason: 'JobSuspended', message: 'Job suspended' })
    events.push({ type: 'Normal', reason: 'Suspended', message: 'Job suspended' })
  } else if (!spec.suspend && isSuspended) {
    set('Suspended', false, { reason: 'JobResumed', message: 'Job resumed' })
    events.push({ type: 'Normal', reason: 'Resumed', message: 'Job resumed' })
  }
  return { conditions, events }
}

/** Told to end, and not there yet. */
function isStopping({ metadata, status }: KubernetesObject): boolean {
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return metadata.deletionTimestamp !== undefined && !hasEnded
}
