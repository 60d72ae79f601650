import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isObject } from './json.ts'
import { badRequest, invalid } from './status-error.ts'

/** The subresource `scale` of a workload, as autoscaling/v1 has it. */
export function scaleOf({ metadata, spec, status }: KubernetesObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: spec.replicas },
    status: { replicas: status?.replicas ?? 0, selector: labels.join(',') },
  }
}

/** The workload as a Scale that was written wants it. */
export function withScale(workload: KubernetesObject, scale: unknown): KubernetesObject {
  const replicas = isObject(scale) && isObject(scale.spec) ? (scale.spec.replicas ?? 0) : undefined
  if (!Number.isInteger(replicas)) throw badRequest('spec.replicas: a whole number is needed')
  if ((replicas as number) < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.replicas' }
    throw invalid({ group: 'autoscaling', plural: '', kind: 'Scale' }, workload.metadata.name, [cause])
  }
  const sent = (scale as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion
  const resourceVersion = sent ?? workload.metadata.resourceVersion
  return {
    ...workload,
    metadata: { ...workload.metadata, resourceVersion },
    spec: { ...workload.spec, replicas },
  }
}
