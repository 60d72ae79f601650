import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isObject, jsonCopy } from './json.ts'
import type { Kind } from './kind.ts'
import { badRequest, invalid } from './status-error.ts'
import { pathColumn } from './table/index.ts'

/** The subresource `scale` of a workload, as autoscaling/v1 has it. */
export function scaleOf(workload: KubernetesObject, paths?: Kind['scalePaths']): object {
  const { metadata, spec, status } = workload
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    ...(paths
      ? numbersAt(workload, paths)
      : {
          spec: { replicas: spec.replicas },
          status: { replicas: status?.replicas ?? 0, selector: labels.join(',') },
        }),
  }
}

function numbersAt(workload: KubernetesObject, paths: NonNullable<Kind['scalePaths']>): object {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = paths
  const selector = labelSelectorPath && pathColumn(workload, labelSelectorPath)
  return {
    spec: { replicas: pathColumn(workload, specReplicasPath) },
    status: { replicas: pathColumn(workload, statusReplicasPath) ?? 0, selector },
  }
}

/** A copy in which the field at a path such as `.spec.size` has another value. */
function withValue(object: KubernetesObject, path: string, value: unknown): KubernetesObject {
  const result = jsonCopy(object)
  const fields = path.split('.').slice(1)
  let at: Record<string, unknown> = result
  for (const field of fields.slice(0, -1)) {
    at[field] ??= {}
    at = at[field] as Record<string, unknown>
  }
  at[fields.at(-1)!] = value
  return result
}

/** The workload as a Scale that was written wants it. */
export function withScale(
  workload: KubernetesObject,
  scale: unknown,
  paths?: Kind['scalePaths'],
): KubernetesObject {
  const replicas = isObject(scale) && isObject(scale.spec) ? (scale.spec.replicas ?? 0) : undefined
  if (!Number.isInteger(replicas)) throw badRequest('spec.replicas: a whole number is needed')
  if ((replicas as number) < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.replicas' }
    throw invalid({ group: 'autoscaling', plural: '', kind: 'Scale' }, workload.metadata.name, [cause])
  }
  const sent = (scale as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion
  const resourceVersion = sent ?? workload.metadata.resourceVersion
  const scaled = { ...workload, metadata: { ...workload.metadata, resourceVersion } }
  return withValue(scaled, paths?.specReplicasPath ?? '.spec.replicas', replicas)
}
