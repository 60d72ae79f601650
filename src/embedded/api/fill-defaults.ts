import { isObject, jsonCopy } from './json.ts'
import { type Default, defaults, shortName } from './published/index.ts'
import { type FieldsSchema, isFields, isList, isMap, type Schema } from './schema.ts'

/** Fills in what a document leaves out, wherever its schema or the table of defaults says; changes it in place. */
export function fillDefaults(value: unknown, schema: Schema): void {
  if (isList(schema)) {
    if (Array.isArray(value)) for (const each of value) fillDefaults(each, schema.list)
  } else if (isMap(schema)) {
    if (isObject(value)) for (const each of Object.values(value)) fillDefaults(each, schema.map)
  } else if (isFields(schema) && isObject(value)) fillFields(value, schema)
}

function fillFields(value: Record<string, unknown>, schema: FieldsSchema): void {
  for (const [field, each] of Object.entries(schema.defaults ?? {})) value[field] ??= jsonCopy(each)
  for (const field of schema.structs ?? []) if (isFields(schema.fields[field])) value[field] ??= {}
  if (schema.definition) applyDefaults(value, defaults[shortName(schema.definition)] ?? {})
  for (const field of Object.keys(value)) {
    // A status is what a component reports: nothing is added to it.
    const known = field !== 'status' && Object.hasOwn(schema.fields, field) && schema.fields[field]
    if (known) fillDefaults(value[field], known)
  }
}

export function applyDefaults(value: Record<string, unknown>, table: Record<string, Default>): void {
  for (const [field, each] of Object.entries(table)) {
    if (value[field] !== undefined) continue
    const filled = typeof each === 'function' ? each(value) : jsonCopy(each)
    if (filled !== undefined) value[field] = filled
  }
}
