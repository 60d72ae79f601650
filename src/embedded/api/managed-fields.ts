import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { documentSchema } from './document-schema.ts'
import { changedFields, type FieldSet, fieldSetOf, filtered, has, pathsOf, union } from './field-set.ts'
import { isObject, jsonEqual } from './json.ts'
import { groupVersion, type Kind } from './kind.ts'

/** metadata.managedFields: who set which field. */
export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  /** Missing where the manager has changed nothing yet but who owns what. */
  time?: string
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
  /** The part of the object that was written: `status`, `scale` … */
  subresource?: string
}

/**
 * Notes in `object` that `manager` set what differs from `old`; those who had it lose it. An object whose managers were
 * forgotten stays without until somebody applies.
 */
export function trackUpdate({ kind, object, old, manager, subresource }: TrackedWrite): void {
  if (old && !managedFieldsOf(object).length) return
  const schema = documentSchema(kind)
  const part = partOf(subresource)
  const present = fieldSetOf(part(object), schema)
  const changed = ownable(changedFields(old ? part(old) : {}, part(object), schema), subresource)
  const entries = old ? managedFieldsOf(object) : []
  const isOwn = (entry: ManagedFields) =>
    entry.manager === manager && entry.operation === 'Update' && entry.subresource === subresource
  const own = entries.find(isOwn)
  if (old && !Object.keys(changed).length && entries.every((entry) => !loses(entry, present, subresource)))
    return
  const others = entries
    .filter((entry) => !isOwn(entry))
    .map((entry) => ({
      ...entry,
      fieldsV1: filtered(entry.fieldsV1, (path) => {
        if (!isPart(path, subresource)) return true
        return isPresent(present, path) && (path.at(-1) === '.' || !has(changed, path))
      }),
    }))
  const fieldsV1 = filtered(union(own?.fieldsV1 ?? {}, changed), (path) => isPresent(present, path))
  const time = own && jsonEqual(own.fieldsV1, fieldsV1) ? own.time : apiTime()
  const entry: ManagedFields = {
    manager,
    operation: 'Update',
    apiVersion: groupVersion(kind),
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  }
  const managedFields = withoutEmpty([...others, entry])
  if (managedFields.length) object.metadata.managedFields = managedFields
  else delete object.metadata.managedFields
}

/** Whether an update through a subresource may concern a path at all: a status is no part of the rest. */
function isPart([first]: string[], subresource: string | undefined): boolean {
  return subresource !== 'status' || first === 'f:status'
}

function partOf(subresource: string | undefined): (object: KubernetesObject) => object {
  return subresource === 'status'
    ? ({ status }) => (status === undefined ? {} : { status })
    : (object) => object
}

function loses({ fieldsV1 }: ManagedFields, present: FieldSet, subresource: string | undefined): boolean {
  return pathsOf(fieldsV1).some(
    (path) => isPart(path, subresource) && path[0] !== 'f:status' && !isPresent(present, path),
  )
}

/** The mark of a field that was new is there as long as the field is. */
function isPresent(present: FieldSet, path: string[]): boolean {
  return has(present, path.at(-1) === '.' ? path.slice(0, -1) : path)
}

export function managedFieldsOf(object: KubernetesObject | undefined): ManagedFields[] {
  return object?.metadata.managedFields ?? []
}

export function appliedBy(entry: ManagedFields, manager: string, subresource?: string): boolean {
  return entry.manager === manager && entry.operation === 'Apply' && entry.subresource === subresource
}

/** Whether a client has sent managers that say nothing, which is how all of them are forgotten. */
export function forgetsManagers(sent: unknown): boolean {
  return (
    Array.isArray(sent) && (sent.length === 0 || (sent.length === 1 && !Object.keys(sent[0] ?? {}).length))
  )
}

/** Whether entries that a client has sent can be taken over. */
export function areManagers(sent: unknown): sent is ManagedFields[] {
  return (
    Array.isArray(sent) &&
    sent.every((each) => isObject(each) && typeof each.manager === 'string' && isObject(each.fieldsV1))
  )
}

/** Who owns an object that nobody has been noted for, once somebody applies. */
export function beforeFirstApply(kind: Kind, live: KubernetesObject): ManagedFields {
  return {
    manager: 'before-first-apply',
    operation: 'Update',
    apiVersion: groupVersion(kind),
    time: apiTime(),
    fieldsType: 'FieldsV1',
    fieldsV1: ownable(changedFields({}, live, documentSchema(kind))),
  }
}

/** The fields of a document that somebody can own: not its identity, not what the server decides, not its status. */
export function ownableFields(document: object, kind: Kind, subresource?: string): FieldSet {
  return ownable(fieldSetOf(document, documentSchema(kind)), subresource)
}

export function withoutEmpty(entries: ManagedFields[]): ManagedFields[] {
  return entries.filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0).sort(inOrder)
}

/** Who applies before who updates, then by time, then by name: as a real API server writes them. */
function inOrder(one: ManagedFields, other: ManagedFields): number {
  const key = ({ operation, time, manager }: ManagedFields) => `${operation} ${time} ${manager}`
  return key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0
}

const ownableMetadata = ['f:labels', 'f:annotations', 'f:finalizers', 'f:ownerReferences']

function ownable(set: FieldSet, subresource?: string): FieldSet {
  return filtered(set, ([first, second]) => {
    if (subresource === 'status') return first === 'f:status'
    if (first === 'f:metadata') return second !== undefined && ownableMetadata.includes(second)
    return first !== 'f:apiVersion' && first !== 'f:kind' && first !== 'f:status'
  })
}
