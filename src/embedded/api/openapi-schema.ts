import { isChoice, isFields, isList, isMap, listKeys, type Scalar, type Schema } from './schema.ts'

/** A schema as OpenAPI writes it, with the extensions that say how lists merge. */
export function openApiSchema(schema: Schema): object {
  if (isList(schema)) {
    const keys = listKeys(schema)
    const type = keys.length ? 'map' : schema.set ? 'set' : 'atomic'
    return {
      type: 'array',
      items: openApiSchema(schema.list),
      'x-kubernetes-list-type': type,
      ...(keys.length ? { 'x-kubernetes-list-map-keys': keys } : {}),
      ...(schema.mergeKey ? { 'x-kubernetes-patch-merge-key': schema.mergeKey } : {}),
      ...(schema.mergeKey || schema.set ? { 'x-kubernetes-patch-strategy': 'merge' } : {}),
    }
  }
  if (isChoice(schema))
    return { type: typeof schema.oneOf[0] === 'number' ? 'integer' : 'string', enum: schema.oneOf }
  if (isMap(schema)) return { type: 'object', additionalProperties: openApiSchema(schema.map) }
  if (isFields(schema)) {
    const properties = Object.entries(schema.fields).map(([field, each]) => [field, openApiSchema(each)])
    return { type: 'object', properties: Object.fromEntries(properties), required: schema.required }
  }
  return scalars[schema as Scalar]
}

const scalars: Record<Scalar, object> = {
  string: { type: 'string' },
  integer: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  intOrString: { 'x-kubernetes-int-or-string': true },
  quantity: { 'x-kubernetes-int-or-string': true },
  bytes: { type: 'string', format: 'byte' },
  time: { type: 'string', format: 'date-time' },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
}
