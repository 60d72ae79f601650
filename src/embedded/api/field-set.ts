import { isObject, jsonEqual } from './json.ts'
import { fieldSchema, isAtomic, isFields, isList, type ListSchema, listKeys, type Schema } from './schema.ts'

/**
 * A set of fields as `managedFields` writes it (FieldsV1): `f:name` is a field, `k:{…}` the element of a list with
 * these keys, `v:…` a value of a set, `.` the element itself. A node without children is a field that is owned whole.
 */
export interface FieldSet {
  [element: string]: FieldSet
}

export type Path = string[]

/** Every field that a document sets. */
export function fieldSetOf(value: unknown, schema: Schema): FieldSet {
  const set: FieldSet = {}
  if (isObject(value) && !isAtomic(schema)) {
    for (const [field, each] of Object.entries(value))
      set[`f:${field}`] = fieldSetOf(each, fieldSchema(schema, field))
  } else if (Array.isArray(value) && isList(schema) && isMergeable(value, schema)) {
    for (const each of value) {
      const isElement = listKeys(schema).length > 0
      set[elementOf(each, schema)] = isElement ? { '.': {}, ...fieldSetOf(each, schema.list) } : {}
    }
  }
  return set
}

/**
 * The fields in which `after` differs from `before`, as far as `after` has them. What was not there at all is owned
 * itself (`.`), beside what is in it; but not what Go holds by value, which is always there.
 */
export function changedFields(before: unknown, after: unknown, schema: Schema): FieldSet {
  const changed: FieldSet = {}
  for (const path of pathsOf(fieldSetOf(after, schema))) {
    if (jsonEqual(readPath(before, path, schema), readPath(after, path, schema))) continue
    insert(changed, path)
    markNew(changed, path, before, schema)
  }
  return changed
}

function markNew(changed: FieldSet, path: Path, before: unknown, schema: Schema): void {
  let [at, atSchema] = [before, schema]
  for (let length = 1; length < path.length; length += 1) {
    const element = path[length - 1]!
    if (element === '.') return
    const isField = element.startsWith('f:')
    const isAlways = isField && alwaysThere(atSchema, element.slice(2))
    at = readPath(at, [element], atSchema)
    atSchema = isField ? fieldSchema(atSchema, element.slice(2)) : isList(atSchema) ? atSchema.list : 'any'
    if (isField && !isAlways && (at === undefined || at === null))
      insert(changed, [...path.slice(0, length), '.'])
  }
}

/** What Go holds by value, and lists that it writes even where they are empty. */
function alwaysThere(schema: Schema, field: string): boolean {
  if (!isFields(schema)) return false
  return Boolean(schema.structs?.includes(field) || schema.required?.includes(field))
}

export function pathsOf(set: FieldSet, prefix: Path = []): Path[] {
  const elements = Object.keys(set)
  if (!elements.length) return prefix.length ? [prefix] : []
  return elements.flatMap((element) => pathsOf(set[element]!, [...prefix, element]))
}

export function insert(set: FieldSet, path: Path): void {
  let at = set
  for (const element of path) {
    at[element] ??= {}
    at = at[element]
  }
}

export function union(one: FieldSet, other: FieldSet): FieldSet {
  const result: FieldSet = {}
  for (const path of [...pathsOf(one), ...pathsOf(other)]) insert(result, path)
  return result
}

/** The paths of `set` that `keep` wants. */
export function filtered(set: FieldSet, keep: (path: Path) => boolean): FieldSet {
  const result: FieldSet = {}
  for (const path of pathsOf(set)) if (keep(path)) insert(result, path)
  return result
}

/** Whether the set owns the field, or something below it. */
export function has(set: FieldSet, path: Path): boolean {
  let at: FieldSet | undefined = set
  for (const element of path) {
    at = at[element]
    if (!at) return false
  }
  return true
}

export function readPath(value: unknown, path: Path, schema: Schema): unknown {
  let [at, atSchema] = [value, schema]
  for (const element of path) {
    if (element === '.') return at === undefined ? undefined : true
    if (element.startsWith('f:')) {
      const field = element.slice(2)
      at = isObject(at) && Object.hasOwn(at, field) ? at[field] : undefined
      atSchema = fieldSchema(atSchema, field)
    } else {
      const list = atSchema as ListSchema
      at =
        Array.isArray(at) && isList(list) ? at.find((each) => elementOf(each, list) === element) : undefined
      atSchema = isList(list) ? list.list : 'any'
    }
  }
  return at
}

/** A copy without the field, and without what its going leaves empty. */
export function removePath(value: unknown, path: Path, schema: Schema): unknown {
  const [element, ...rest] = path
  if (!element || element === '.') return undefined
  if (element.startsWith('f:')) {
    if (!isObject(value)) return value
    const field = element.slice(2)
    const below = rest.length ? removePath(value[field], rest, fieldSchema(schema, field)) : undefined
    const { [field]: _removed, ...others } = value
    const result = below === undefined ? others : { ...others, [field]: below }
    return Object.keys(result).length ? result : undefined
  }
  if (!Array.isArray(value) || !isList(schema)) return value
  const result = value.flatMap((each) => {
    if (elementOf(each, schema) !== element) return [each]
    const below = rest.length ? removePath(each, rest, schema.list) : undefined
    return below === undefined ? [] : [below]
  })
  return result.length ? result : undefined
}

/** `k:{"name":"web"}` or `v:"value"`: how a field set names an element. */
export function elementOf(element: unknown, schema: ListSchema): string {
  const keys = listKeys(schema)
  if (!keys.length || !isObject(element)) return `v:${JSON.stringify(element)}`
  const values = [...keys].sort().map((key) => [key, element[key] ?? schema.keyDefaults?.[key]])
  return `k:${JSON.stringify(Object.fromEntries(values))}`
}

/** The first element that a list holds twice, by its keys, as `PATH: duplicate entries for key [KEYS]`; null where none. */
export function duplicateElement(value: unknown, schema: Schema, path: Path = []): string | null {
  if (isObject(value) && !isAtomic(schema)) {
    for (const [field, each] of Object.entries(value)) {
      const found = duplicateElement(each, fieldSchema(schema, field), [...path, `f:${field}`])
      if (found) return found
    }
  }
  if (!Array.isArray(value) || !isList(schema) || schema.set || !isMergeable(value, schema)) return null
  const seen = new Set<string>()
  for (const each of value) {
    const element = elementOf(each, schema)
    if (seen.has(element)) return `${pathText(path)}: duplicate entries for key ${pathText([element])}`
    seen.add(element)
    const found = duplicateElement(each, schema.list, [...path, element])
    if (found) return found
  }
  return null
}

/** Lists merge by element only where each element is identified; otherwise they are owned whole. */
function isMergeable(list: unknown[], schema: ListSchema): boolean {
  if (schema.set) return true
  const keys = listKeys(schema)
  if (!keys.length) return false
  return list.every(
    (each) => isObject(each) && keys.every((key) => (each[key] ?? schema.keyDefaults?.[key]) !== undefined),
  )
}

/** `.spec.containers[name="web"].image`, as a conflict names a field. */
export function pathText(path: Path): string {
  const texts = path.map((element) => {
    if (element === '.') return ''
    if (element.startsWith('f:')) return `.${element.slice(2)}`
    if (element.startsWith('v:')) return `[=${element.slice(2)}]`
    const keys = Object.entries(JSON.parse(element.slice(2)) as object)
    return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
  })
  return texts.join('')
}
