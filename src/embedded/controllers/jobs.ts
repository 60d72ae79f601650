import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  isReadyPod,
  keyOf,
  splitKey,
} from './controller.ts'
import { type JobCount, jobCount, jobOutcome, missingPods } from './job-progress.ts'
import { PodControl, podFrom } from './pod-control.ts'
import { workQueue } from './work-queue.ts'

const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
const firstBackOffMs = 10_000
const lastBackOffMs = 360_000

/** Runs a Job's pods until as many have succeeded as it asks for, or until it has failed. */
export function startJobController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('job-controller')
  const timers = new Map<string, NodeJS.Timeout>()
  const jobs = client.inform(resources.jobs, ({ object }) => queue.add(keyOf(object)))
  const pods = client.inform(resources.pods, ({ object }) => {
    const owner = controllerOf(object)
    if (owner?.kind === 'Job') queue.add(`${object.metadata.namespace}/${owner.name}`)
  })
  const control = new PodControl(client, 'job-controller')

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const job = jobs.get(name, namespace)
    if (!job || job.metadata.deletionTimestamp) return
    const count = () =>
      jobCount(
        job,
        pods.list().filter((pod) => controllerOf(pod)?.uid === job.metadata.uid),
      )
    const finished = job.status?.conditions?.find(isFinal)
    if (finished) return removeWhenOver(key, job, finished.lastTransitionTime)
    const before = count()
    const outcome = jobOutcome(job, before, new Date())
    if (outcome || job.spec.suspend) for (const pod of before.active) await control.delete(job, pod)
    else if (!mustWait(key, before)) await createMissing(job, before)
    const { activeDeadlineSeconds } = job.spec
    if (!outcome && activeDeadlineSeconds && job.status?.startTime)
      wakeAt(key, Date.parse(job.status.startTime) + activeDeadlineSeconds * 1000)
    await writeStatus(job, count(), outcome)
    if (outcome) await control.record(job, outcome.event)
  }

  const createMissing = async (job: KubernetesObject, count: JobCount) => {
    for (const index of missingPods(job, count)) {
      const isIndexed = index !== null
      await control.create(job, isIndexed ? indexedPod(job, index) : podFrom(job, job.spec.template))
    }
  }

  /** After a failure the next pod comes later and later (batch/v1: 10 s, doubling to 6 min). */
  const mustWait = (key: string, { failed, lastFailureAt }: JobCount) => {
    if (failed === 0 || lastFailureAt === null) return false
    const at = lastFailureAt + Math.min(lastBackOffMs, firstBackOffMs * 2 ** (failed - 1))
    if (at <= Date.now()) return false
    wakeAt(key, at)
    return true
  }

  const wakeAt = (key: string, at: number) => {
    clearTimeout(timers.get(key))
    const timer = setTimeout(() => queue.add(key), Math.max(0, at - Date.now()))
    timer.unref()
    timers.set(key, timer)
  }

  const removeWhenOver = async (key: string, { metadata, spec }: KubernetesObject, endedAt: string) => {
    if (spec.ttlSecondsAfterFinished === undefined) return
    const at = Date.parse(endedAt) + spec.ttlSecondsAfterFinished * 1000
    if (at > Date.now()) wakeAt(key, at)
    else {
      const { name, namespace, uid } = metadata
      await client.delete(resources.jobs, { name, namespace }, { uid })
    }
  }

  const writeStatus = async (
    job: KubernetesObject,
    count: JobCount,
    outcome: ReturnType<typeof jobOutcome>,
  ) => {
    const { name, namespace } = job.metadata
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const conditions = outcome?.conditions.map((each) => ({
      ...each,
      status: 'True',
      lastProbeTime: now,
      lastTransitionTime: now,
    }))
    const status = {
      ...(job.spec.suspend ? {} : { startTime: job.status?.startTime ?? now }),
      active: count.active.length,
      ready: count.active.filter(isReadyPod).length,
      ...(count.succeeded > 0 ? { succeeded: count.succeeded } : {}),
      ...(count.failed > 0 ? { failed: count.failed } : {}),
      terminating: count.terminating,
      uncountedTerminatedPods: {},
      ...(count.completedIndexes ? { completedIndexes: count.completedIndexes } : {}),
      ...(conditions ? { conditions } : {}),
      ...(outcome?.isSuccess ? { completionTime: now } : {}),
    }
    await client.patch(resources.jobs, { name, namespace }, { status }, 'status')
  }

  const queue = workQueue({ name: 'jobs', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      for (const timer of timers.values()) clearTimeout(timer)
      client.close()
    },
  }
}

function isFinal({ type, status }: { type: string; status: string }): boolean {
  return (type === 'Complete' || type === 'Failed') && status === 'True'
}

/** A pod that knows its number, by its annotation, its label and its environment. */
function indexedPod(job: KubernetesObject, index: number): KubernetesObject {
  const { template } = job.spec
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${indexAnnotation}']` } },
  }
  const withIndex = (container: { env?: object[] }) => ({
    ...container,
    env: [...(container.env ?? []), variable],
  })
  return podFrom(job, template, {
    labels: { [indexAnnotation]: String(index) },
    annotations: { [indexAnnotation]: String(index) },
    spec: {
      hostname: `${job.metadata.name}-${index}`,
      containers: template.spec.containers.map(withIndex),
      ...(template.spec.initContainers
        ? { initContainers: template.spec.initContainers.map(withIndex) }
        : {}),
    },
  })
}
