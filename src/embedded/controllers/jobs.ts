import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'
import { type Controller, type ControllerContext, isReadyPod } from './controller.ts'
import { conditionsAfter, isFinal } from './job-conditions.ts'
import { hasTracking, jobPod, withoutTracking } from './job-pod.ts'
import { type JobCount, jobCount, jobOutcome, missingPods, surplusPods } from './job-progress.ts'
import { type OwnerTools, startPodOwner } from './pod-owner.ts'
import { nonZero } from './write-status.ts'

const firstBackOffMs = 10_000
const lastBackOffMs = 360_000

/** Runs a Job's pods until as many have succeeded as it asks for, or until it has failed. */
export function startJobController(context: ControllerContext): Controller {
  const client = context.client('job-controller')
  /** A pod is held until it is counted; where there is no Job to count it, nothing holds it. */
  const release = async (pod: KubernetesObject) => {
    if (!hasTracking(pod)) return
    const { name, namespace } = pod.metadata
    try {
      await client.patch(resources.pods, { name, namespace }, withoutTracking(pod))
    } catch (error) {
      if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
    }
  }
  const owner = {
    type: resources.jobs,
    kind: 'Job',
    component: 'job-controller',
    onAbandoned: (pod: KubernetesObject) => void release(pod),
  }
  return startPodOwner(context, owner, (tools) => async (job) => {
    const finished = job.status?.conditions?.find(isFinal)
    if (finished) {
      for (const pod of tools.podsOf(job)) await release(pod)
      await removeWhenOver(job, finished.lastTransitionTime, tools)
      return null
    }
    const count = jobCount(job, tools.podsOf(job))
    const outcome = jobOutcome(job, count, new Date())
    if (outcome) for (const pod of count.active) await tools.control.delete(job, pod)
    else {
      // Released before: what the Job itself sends away has not failed.
      for (const pod of surplusPods(job, count)) {
        await release(pod)
        await tools.control.delete(job, pod)
      }
      if (!job.spec.suspend && !mustWait(job, count, tools)) await createMissing(job, count, tools)
    }
    const { activeDeadlineSeconds } = job.spec
    const startTime = job.spec.suspend ? undefined : startOf(job)
    if (!outcome && activeDeadlineSeconds && startTime)
      tools.lookAgain(job, Date.parse(startTime) + activeDeadlineSeconds * 1000 - Date.now())
    // Counted first, released then: a pod that is gone has been counted, whatever happens in between.
    const after = { ...count, active: jobCount(job, tools.podsOf(job)).active }
    const { conditions, events } = conditionsAfter(job, outcome, tools.podsOf(job))
    const status = statusOf(job, after, { conditions, startTime })
    const counted = { ...status, uncountedTerminatedPods: count.newlyCounted }
    await tools.writeStatus(job, counted)
    for (const event of events) await tools.control.record(job, event)
    for (const pod of count.toRelease) await release(pod)
    await tools.writeStatus({ ...job, status: counted }, status)
    return null
  })
}

async function createMissing(job: KubernetesObject, count: JobCount, { control }: OwnerTools): Promise<void> {
  for (const index of missingPods(job, count)) await control.create(job, jobPod(job, index))
}

/** After a failure the next pod comes later and later (batch/v1: 10 s, doubling to 6 min). */
function mustWait(job: KubernetesObject, { failed, lastFailureAt }: JobCount, tools: OwnerTools): boolean {
  if (failed === 0 || lastFailureAt === null) return false
  const at = lastFailureAt + Math.min(lastBackOffMs, firstBackOffMs * 2 ** (failed - 1))
  if (at <= Date.now()) return false
  tools.lookAgain(job, at - Date.now())
  return true
}

async function removeWhenOver(job: KubernetesObject, endedAt: string, tools: OwnerTools): Promise<void> {
  const { metadata, spec } = job
  if (spec.ttlSecondsAfterFinished === undefined) return
  const at = Date.parse(endedAt) + spec.ttlSecondsAfterFinished * 1000
  if (at > Date.now()) {
    tools.lookAgain(job, at - Date.now())
    return
  }
  const { name, namespace, uid } = metadata
  await tools.client.delete(resources.jobs, { name, namespace }, { uid, propagationPolicy: 'Foreground' })
}

/** A Job that goes on after it was suspended starts anew. */
function startOf({ status }: KubernetesObject): string {
  const isResumed = status?.conditions?.some(
    ({ type, status: value }: { type: string; status: string }) => type === 'Suspended' && value === 'True',
  )
  return isResumed ? apiTime() : (status?.startTime ?? apiTime())
}

function statusOf(
  { status }: KubernetesObject,
  count: JobCount,
  { conditions, startTime }: { conditions: { type: string }[]; startTime: string | undefined },
): object {
  const isComplete = conditions.some(({ type }) => type === 'Complete')
  return {
    ...(startTime ? { startTime } : {}),
    ...nonZero({ active: count.active.length, succeeded: count.succeeded, failed: count.failed }),
    ready: count.active.filter(isReadyPod).length,
    terminating: count.terminating,
    uncountedTerminatedPods: {},
    ...(count.completedIndexes ? { completedIndexes: count.completedIndexes } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(isComplete ? { completionTime: status?.completionTime ?? apiTime() } : {}),
  }
}
