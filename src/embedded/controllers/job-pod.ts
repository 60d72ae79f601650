import type { KubernetesObject } from '../../kubernetes-object.ts'
import { podFrom } from './pod-control.ts'

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

/** A Job's pod; of an Indexed Job it knows its number by annotation, label, host name and environment. */
export function jobPod(job: KubernetesObject, index: number | null): KubernetesObject {
  const pod = index === null ? podFrom(job, job.spec.template) : indexedPod(job, index)
  return { ...pod, metadata: { ...pod.metadata, finalizers: [trackingFinalizer] } }
}

export function hasTracking({ metadata }: KubernetesObject): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false
}

/** A merge patch that lets a counted pod go. */
export function withoutTracking({ metadata }: KubernetesObject): object {
  const finalizers = metadata.finalizers?.filter((each) => each !== trackingFinalizer)
  return { metadata: { uid: metadata.uid, finalizers } }
}

function indexedPod(job: KubernetesObject, index: number): KubernetesObject {
  const { template } = job.spec
  const variable = {
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } },
  }
  const withIndex = (container: { env?: object[] }) => ({
    ...container,
    env: [...(container.env ?? []), variable],
  })
  const pod = podFrom(job, template, {
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
  return { ...pod, metadata: { ...pod.metadata, generateName: `${job.metadata.name}-${index}-` } }
}
