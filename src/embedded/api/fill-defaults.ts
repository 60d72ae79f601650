import { isObject, jsonCopy } from './json.ts'
import { type Default, defaults, shortName, undefaulted, zeroIsNone } from './published/index.ts'
import { type FieldsSchema, isFields, isList, isMap, type Schema } from './schema.ts'

/** Fills in what a document leaves out, wherever its schema or the table of defaults says; changes it in place. */
export function fillDefaults(value: unknown, schema: Schema): void {
  if (isList(schema)) {
    if (Array.isArray(value)) for (const each of value) fillDefaults(each, schema.list)
  } else if (isMap(schema)) {
    if (isObject(value)) for (const each of Object.values(value)) fillDefaults(each, schema.map)
  } else if (isFields(schema) && isObject(value)) fillFields(value, schema)
}

function fillFields(value: Record<string, unknown>, schema: FieldsSchema, isBare = false): void {
  for (const [field, each] of Object.entries(schema.defaults ?? {}))
    if (isLeftOut(value[field], each)) value[field] = jsonCopy(each)
  const name = shortName(schema.definition ?? '')
  // Go holds these numbers by value: zero is what was left out.
  for (const field of isBare ? [] : (zeroIsNone[name] ?? [])) if (value[field] === 0) delete value[field]
  if (!isBare) applyDefaults(value, defaults[name] ?? {})
  for (const field of schema.structs ?? []) {
    const struct = schema.fields[field]
    if (isFields(struct)) value[field] ??= field === 'status' ? { ...struct.zeros } : {}
  }
  for (const field of Object.keys(value)) {
    // A status is what a component reports: nothing is added to it.
    const known = field !== 'status' && Object.hasOwn(schema.fields, field) && schema.fields[field]
    const element = value[field]
    if (undefaulted[name] === field && isFields(known || undefined) && isObject(element))
      fillFields(element, known as FieldsSchema, true)
    else if (known) fillDefaults(element, known)
  }
}

export function applyDefaults(value: Record<string, unknown>, table: Record<string, Default>): void {
  for (const [field, each] of Object.entries(table)) {
    if (value[field] !== undefined && value[field] !== '') continue
    const filled = typeof each === 'function' ? each(value) : jsonCopy(each)
    if (filled !== undefined) value[field] = filled
  }
}

/** Empty is what Go takes for left out. */
function isLeftOut(value: unknown, byDefault: unknown): boolean {
  return (value ?? undefined) === undefined || (value === '' && typeof byDefault === 'string')
}
