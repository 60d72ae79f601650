import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { apiTime } from '../../api-time.ts'
import { documentSchema } from '../document-schema.ts'
import {
  duplicateElement,
  elementOf,
  filtered,
  has,
  type Path,
  pathsOf,
  pathText,
  readPath,
  removePath,
} from '../field-set.ts'
import { isObject, jsonEqual } from '../json.ts'
import { groupVersion, type Kind } from '../kind.ts'
import {
  appliedBy,
  beforeFirstApply,
  type ManagedFields,
  managedFieldsOf,
  ownableFields,
  withoutEmpty,
} from '../managed-fields.ts'
import { fieldSchema, isAtomic, isList, type ListSchema, listKeys, type Schema } from '../schema.ts'
import { badRequest, type Cause, StatusError } from '../status-error.ts'

export interface ApplyRequest {
  kind: Kind
  /** The object as it is; undefined where there is none yet. */
  live?: KubernetesObject
  applied: unknown
  manager: string
  force: boolean
  subresource?: string
}

/**
 * Server-side apply: the manager owns exactly what its document sets. What it no longer sets is removed unless
 * somebody else owns it; what somebody else has set otherwise is a conflict (409), or is taken over with `force`.
 */
export function serverSideApply(request: ApplyRequest): KubernetesObject {
  const { kind, live, applied: sent, manager, force, subresource } = request
  if (!isObject(sent)) throw badRequest('an applied configuration is an object')
  const applied: Record<string, unknown> & { metadata: Record<string, unknown> } = {
    ...sent,
    metadata: isObject(sent.metadata) ? sent.metadata : {},
  }
  if (!applied.kind || !applied.apiVersion)
    throw badRequest(`invalid object type: ${applied.apiVersion ?? '/'}, Kind=${applied.kind ?? ''}`)
  if (applied.metadata.managedFields) throw badRequest('metadata.managedFields must be nil')
  const schema = documentSchema(kind)
  refuseDuplicates(applied, kind)
  const wanted = ownableFields(applied, kind, subresource)
  const noted = managedFieldsOf(live)
  const entries = live && !noted.length ? [beforeFirstApply(kind, live)] : noted
  const own = entries.find((entry) => appliedBy(entry, manager, subresource))
  const others = entries.filter((entry) => entry !== own)
  const contested = live ? conflictsOf({ live, applied, wanted: pathsOf(wanted), others, schema }) : []
  if (contested.length && !force) throw conflictError(contested)
  const kept = others.map((entry) => ({
    ...entry,
    fieldsV1: filtered(
      entry.fieldsV1,
      (path) => !contested.some((each) => each.entry === entry && samePath(each.path, path)),
    ),
  }))
  let result = mergeApplied(live ?? {}, applied, schema) as KubernetesObject
  for (const path of pathsOf(own?.fieldsV1 ?? {})) {
    const owned = path.at(-1) === '.' ? path.slice(0, -1) : path
    if (has(wanted, owned) || kept.some((entry) => has(entry.fieldsV1, owned))) continue
    result = removePath(result, owned, schema) as KubernetesObject
  }
  // What lost its last field went with it, also where the document still sets it, empty.
  result = mergeApplied(result, applied, schema) as KubernetesObject
  const isSame = (own && jsonEqual(own.fieldsV1, wanted)) || (live && isUnchanged(live, result))
  const entry: ManagedFields = {
    manager,
    operation: 'Apply',
    apiVersion: groupVersion(kind),
    time: isSame ? own?.time : apiTime(),
    fieldsType: 'FieldsV1',
    fieldsV1: wanted,
    ...(subresource ? { subresource } : {}),
  }
  const managedFields = withoutEmpty([entry, ...kept])
  return {
    ...result,
    metadata: { ...result.metadata, managedFields: managedFields.length ? managedFields : undefined },
  }
}

/** Whether only who owns what is another. */
function isUnchanged(live: KubernetesObject, result: KubernetesObject): boolean {
  const { managedFields: _live, ...before } = live.metadata
  const { managedFields: _result, ...after } = result.metadata
  return jsonEqual({ ...live, metadata: before }, { ...result, metadata: after })
}

/** Which of two elements is meant nobody can tell. A real API server answers 500, without a reason. */
function refuseDuplicates(applied: object, kind: Kind): void {
  const duplicate = duplicateElement(applied, documentSchema(kind))
  if (duplicate === null) return
  const { namespace, name } = (applied as KubernetesObject).metadata
  const type = `${kind.group}/${kind.version}, Kind=${kind.kind}`
  const where = `${namespace ?? ''}/${name}; ${type}`
  throw new StatusError(500, '', `failed to create typed patch object (${where}): ${duplicate}`)
}

interface Contested {
  path: Path
  entry: ManagedFields
}

function conflictsOf(request: {
  live: KubernetesObject
  applied: unknown
  wanted: Path[]
  others: ManagedFields[]
  schema: Schema
}): Contested[] {
  const { live, applied, wanted, others, schema } = request
  const contested: Contested[] = []
  for (const path of wanted) {
    const [is, would] = [readPath(live, path, schema), readPath(applied, path, schema)]
    if (is === undefined || jsonEqual(is, would)) continue
    for (const entry of others) if (has(entry.fieldsV1, path)) contested.push({ path, entry })
  }
  return contested
}

function conflictError(contested: Contested[]): StatusError {
  const causes: Cause[] = contested.map(({ path, entry }) => ({
    reason: 'FieldManagerConflict',
    message: conflictText(entry),
    field: pathText(path),
  }))
  const list = causes.map(({ message, field }) => `${message}: ${field}`).join(', ')
  const count = `${causes.length} conflict${causes.length > 1 ? 's' : ''}`
  return new StatusError(409, 'Conflict', `Apply failed with ${count}: ${list}`, { causes })
}

function mergeApplied(live: unknown, applied: unknown, schema: Schema): unknown {
  if (isObject(applied) && !isAtomic(schema)) {
    const result: Record<string, unknown> = isObject(live) ? { ...live } : {}
    for (const [field, value] of Object.entries(applied)) {
      if (value !== null) result[field] = mergeApplied(result[field], value, fieldSchema(schema, field))
    }
    return result
  }
  if (!Array.isArray(applied) || !Array.isArray(live) || !isList(schema)) return applied
  if (schema.set) return [...live, ...applied.filter((each) => !live.includes(each))]
  return listKeys(schema).length ? mergeElements(live, applied, schema) : applied
}

/** Elements keep the order of the list as it is; new ones come behind. */
function mergeElements(live: unknown[], applied: unknown[], schema: ListSchema): unknown[] {
  const byKey = new Map(applied.map((each) => [elementOf(each, schema), each]))
  const result = live.map((each) => {
    const key = elementOf(each, schema)
    const mine = byKey.get(key)
    byKey.delete(key)
    return mine === undefined ? each : mergeApplied(each, mine, schema.list)
  })
  return [...result, ...byKey.values()]
}

function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((element, index) => element === other[index])
}

/** Who applies is known whatever the version; who updates is told with it. */
function conflictText({ manager, operation, apiVersion }: ManagedFields): string {
  return `conflict with "${manager}"${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}
