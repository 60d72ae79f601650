import type { KubernetesObject } from '../../kubernetes-object.ts'
import { documentSchema } from './document-schema.ts'
import { changedFields, type FieldSet, fieldSetOf, filtered, has, union } from './field-set.ts'
import { jsonEqual } from './json.ts'
import { groupVersion, type Kind } from './kind.ts'

/** metadata.managedFields: who set which field. */
export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: FieldSet
  subresource?: string
}

export interface TrackedWrite {
  kind: Kind
  /** Gets its managedFields here. */
  object: KubernetesObject
  old?: KubernetesObject
  manager: string
}

/** Notes in `object` that `manager` set what differs from `old`; those who had it lose it. */
export function trackUpdate({ kind, object, old, manager }: TrackedWrite): void {
  const schema = documentSchema(kind)
  const changed = ownable(old ? changedFields(old, object, schema) : fieldSetOf(object, schema))
  const present = fieldSetOf(object, schema)
  const entries = old ? managedFieldsOf(object) : []
  const isOwn = (entry: ManagedFields) => entry.manager === manager && entry.operation === 'Update'
  const own = entries.find(isOwn)
  const others = entries
    .filter((entry) => !isOwn(entry))
    .map((entry) => ({
      ...entry,
      fieldsV1: filtered(
        entry.fieldsV1,
        (path) => has(present, path) && (path.at(-1) === '.' || !has(changed, path)),
      ),
    }))
  const fieldsV1 = filtered(union(own?.fieldsV1 ?? {}, changed), (path) => has(present, path))
  const time = own && jsonEqual(own.fieldsV1, fieldsV1) ? own.time : timestamp()
  const entry: ManagedFields = {
    manager,
    operation: 'Update',
    apiVersion: groupVersion(kind),
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
  }
  const managedFields = withoutEmpty([...others, entry])
  if (managedFields.length) object.metadata.managedFields = managedFields
  else delete object.metadata.managedFields
}

export function managedFieldsOf(object: KubernetesObject | undefined): ManagedFields[] {
  return object?.metadata.managedFields ?? []
}

export function appliedBy(entry: ManagedFields, manager: string): boolean {
  return entry.manager === manager && entry.operation === 'Apply' && !entry.subresource
}

/** The fields of a document that somebody can own: not its identity, not what the server decides, not its status. */
export function ownableFields(document: object, kind: Kind): FieldSet {
  return ownable(fieldSetOf(document, documentSchema(kind)))
}

export function withoutEmpty(entries: ManagedFields[]): ManagedFields[] {
  return entries.filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0)
}

export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}

const ownableMetadata = ['f:labels', 'f:annotations', 'f:finalizers', 'f:ownerReferences']

function ownable(set: FieldSet): FieldSet {
  return filtered(set, ([first, second]) => {
    if (first === 'f:metadata') return second !== undefined && ownableMetadata.includes(second)
    return first !== 'f:apiVersion' && first !== 'f:kind' && first !== 'f:status'
  })
}
