import { parseQuantity } from '../../quantity.ts'
import { jsonCopy, jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'

/** A binding is of one role for good: what it grants is not changed under its name. */
export function admitRoleBinding({ object, old, causes }: AdmissionRequest): void {
  if (!old || jsonEqual(object.roleRef, old.roleRef)) return
  const message = `Invalid value: ${JSON.stringify(object.roleRef)}: cannot change roleRef`
  causes.push({ reason: 'FieldValueInvalid', message, field: 'roleRef' })
}

/** A claim is bound to what it asked for; once bound it may ask for more room. A class may come later. */
export function admitClaim({ object, old, subresource, causes }: AdmissionRequest): void {
  if (!old || subresource) return
  const [spec, before] = [jsonCopy(object.spec), jsonCopy(old.spec)]
  for (const each of ['storageClassName', 'volumeName']) if (before[each] === undefined) delete spec[each]
  const [wanted, had] = [spec.resources?.requests?.storage, before.resources?.requests?.storage]
  const grows = old.status?.phase === 'Bound' && parseQuantity(wanted ?? 0) >= parseQuantity(had ?? 0)
  if (grows) spec.resources = before.resources
  if (jsonEqual(spec, before)) return
  const message =
    'Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  causes.push({ reason: 'FieldValueForbidden', message, field: 'spec' })
}
