/**
 * What a kind's fields are: enough to find unknown fields, wrong types, and how lists merge. A schema is data, so
 * that the published schemas can be turned into it.
 */
export type Schema = Scalar | ChoiceSchema | MapSchema | ListSchema | FieldsSchema

/** `integer` has 32 bits; `any` is neither checked nor merged below its own objects; `bytes` are base64, `time` is RFC 3339. */
export type Scalar =
  | 'string'
  | 'integer'
  | 'int64'
  | 'number'
  | 'boolean'
  | 'intOrString'
  | 'quantity'
  | 'bytes'
  | 'time'
  | 'any'

/** A scalar of which only some values are meant. */
export interface ChoiceSchema {
  oneOf: (string | number)[]
}

export interface MapSchema {
  map: Schema
  /** Server-side apply owns it as a whole. */
  atomic?: boolean
}

export interface ListSchema {
  list: Schema
  /** The field by which a strategic merge patch finds an element; without it, the patch replaces the list. */
  mergeKey?: string
  /** The fields that identify an element in server-side apply; default `mergeKey` alone. */
  keys?: string[]
  /** What an identifying field is where it is left out. */
  keyDefaults?: Record<string, string>
  /** Scalars: each value at most once; merges by value. */
  set?: boolean
}

export interface FieldsSchema {
  fields: Record<string, Schema>
  required?: string[]
  /** The published definition that it comes from. */
  definition?: string
  /** Fields that are never left out, since Go holds their objects by value. */
  structs?: string[]
  /** Numbers that are never left out, since Go holds them by value. */
  zeros?: Record<string, unknown>
  /** What a field is where it is left out. */
  defaults?: Record<string, unknown>
  /** Server-side apply owns it as a whole. */
  atomic?: boolean
  /** Other fields are allowed and not checked. */
  open?: boolean
}

export function isFields(schema: Schema | undefined): schema is FieldsSchema {
  return typeof schema === 'object' && 'fields' in schema
}

export function isList(schema: Schema | undefined): schema is ListSchema {
  return typeof schema === 'object' && 'list' in schema
}

export function isMap(schema: Schema | undefined): schema is MapSchema {
  return typeof schema === 'object' && 'map' in schema
}

export function isChoice(schema: Schema | undefined): schema is ChoiceSchema {
  return typeof schema === 'object' && 'oneOf' in schema
}

/** Whether server-side apply owns an object of this schema as a whole. */
export function isAtomic(schema: Schema): boolean {
  return typeof schema === 'object' && 'atomic' in schema && schema.atomic === true
}

/** The schema of a field; `any` where the schema does not say. */
export function fieldSchema(schema: Schema, field: string): Schema {
  if (isFields(schema)) return schema.fields[field] ?? 'any'
  if (isMap(schema)) return schema.map
  return 'any'
}

/** The fields that identify an element of a list; none where the list merges as a whole. */
export function listKeys(schema: Schema): string[] {
  if (!isList(schema)) return []
  return schema.keys ?? (schema.mergeKey ? [schema.mergeKey] : [])
}
