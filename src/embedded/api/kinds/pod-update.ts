import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { jsonCopy, jsonEqual } from '../json.ts'
import type { Cause } from '../status-error.ts'

// biome-ignore lint/suspicious/noExplicitAny: a pod's spec that was checked against its schema
type Spec = any

/** A pod's spec is what runs: an image, a shorter deadline and more tolerations may come, and the scheduler's binding. */
export function podUpdateCauses({ spec }: KubernetesObject, { spec: old }: KubernetesObject): Cause[] {
  const comparable = jsonCopy(spec)
  if (!old.nodeName) delete comparable.nodeName
  for (const field of ['tolerations', 'activeDeadlineSeconds']) {
    comparable[field] = old[field]
    if (old[field] === undefined) delete comparable[field]
  }
  for (const list of ['containers', 'initContainers']) {
    for (const [index, container] of (comparable[list] ?? []).entries()) {
      if (old[list]?.[index]) container.image = old[list][index].image
    }
  }
  const causes = [...tolerationCauses(spec, old), ...deadlineCauses(spec, old)]
  if (jsonEqual(comparable, old)) return causes
  const message =
    'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'
  return [...causes, { reason: 'FieldValueForbidden', message, field: 'spec' }]
}

function tolerationCauses(spec: Spec, old: Spec): Cause[] {
  const [now, before]: Spec[][] = [spec.tolerations ?? [], old.tolerations ?? []]
  const isSame = ({ tolerationSeconds: _one, ...one }: Spec, { tolerationSeconds: _other, ...other }: Spec) =>
    jsonEqual(one, other)
  if (before!.every((each) => now!.some((other) => isSame(each, other)))) return []
  const message = 'Forbidden: existing toleration can not be modified except its tolerationSeconds'
  return [{ reason: 'FieldValueForbidden', message, field: 'spec.tolerations' }]
}

function deadlineCauses({ activeDeadlineSeconds: now = null }: Spec, old: Spec): Cause[] {
  const before = old.activeDeadlineSeconds
  if (before === undefined || (now !== null && now <= before)) return []
  const why =
    now === null
      ? 'must not update from a positive integer to nil value'
      : 'must be less than or equal to previous value'
  const message = `Invalid value: ${now}: ${why}`
  return [{ reason: 'FieldValueInvalid', message, field: 'spec.activeDeadlineSeconds' }]
}
