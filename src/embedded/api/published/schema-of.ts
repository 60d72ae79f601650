import type { FieldsSchema, ListSchema, Schema } from '../schema.ts'
import type { OpenApiSchema } from './open-api-schema.ts'
import { publishedApi } from './published.ts'

const byDefinition = new Map<string, Schema>()

/** The schema of a published definition such as `io.k8s.api.core.v1.Pod`. Some refer to themselves. */
export function publishedSchema(name: string): Schema {
  const known = byDefinition.get(name) ?? wellKnown[name]
  if (known) return known
  const definition = publishedApi().definitions[name]
  if (!definition?.properties) {
    const schema = definition ? schemaOf(definition) : 'any'
    byDefinition.set(name, schema)
    return schema
  }
  const schema: FieldsSchema = { fields: {}, definition: name }
  byDefinition.set(name, schema)
  Object.assign(schema, fieldsOf(definition, isPublishedDefault))
  return schema
}

const wellKnown: Record<string, Schema> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': 'quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'time',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'io.k8s.apimachinery.pkg.runtime.RawExtension': 'any',
}

/** What OpenAPI says, as far as it is enforced here. `isMeant` tells which defaults are filled in. */
export function schemaOf(openApi: OpenApiSchema, isMeant: IsMeant = isPublishedDefault): Schema {
  const reference = openApi.$ref ?? openApi.allOf?.[0]?.$ref
  if (reference) return publishedSchema(reference.slice(reference.lastIndexOf('/') + 1))
  if (openApi['x-kubernetes-int-or-string']) return 'intOrString'
  switch (openApi.type) {
    case 'string':
      return openApi.enum
        ? { oneOf: openApi.enum as string[] }
        : openApi.format === 'byte'
          ? 'bytes'
          : 'string'
    case 'integer':
      return openApi.format === 'int32' ? 'integer' : 'int64'
    case 'number':
    case 'boolean':
      return openApi.type
    case 'array':
      return listOf(openApi, isMeant)
    case 'object':
      return objectOf(openApi, isMeant)
    default:
      return 'any'
  }
}

function objectOf(openApi: OpenApiSchema, isMeant: IsMeant): Schema {
  const atomic = openApi['x-kubernetes-map-type'] === 'atomic' || undefined
  if (openApi.properties) return fieldsOf(openApi, isMeant)
  const { additionalProperties } = openApi
  if (typeof additionalProperties === 'object')
    return { map: schemaOf(additionalProperties, isMeant), atomic }
  return 'any'
}

function fieldsOf(openApi: OpenApiSchema, isMeant: IsMeant): FieldsSchema {
  const properties = Object.entries(openApi.properties ?? {})
  const structs = properties.filter(([, each]) => each.allOf && each.default !== undefined)
  const defaults = properties.filter(([, { default: each }]) => each !== undefined && isMeant(each))
  return {
    fields: Object.fromEntries(properties.map(([field, each]) => [field, schemaOf(each, isMeant)])),
    required: openApi.required,
    open: openApi['x-kubernetes-preserve-unknown-fields'] || undefined,
    atomic: openApi['x-kubernetes-map-type'] === 'atomic' || undefined,
    zeros: Object.fromEntries(
      properties.filter(([, each]) => each.default === 0).map(([field]) => [field, 0]),
    ),
    structs: structs.map(([field]) => field),
    defaults: Object.fromEntries(defaults.map(([field, each]) => [field, each.default])),
  }
}

type IsMeant = (value: unknown) => boolean

/** A default that is Go's zero value only says that the field is never null. */
function isPublishedDefault(value: unknown): boolean {
  if (value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || value === null || Object.keys(value).length > 0
}

function listOf(openApi: OpenApiSchema, isMeant: IsMeant): ListSchema {
  const items = openApi.items ?? {}
  const list = schemaOf(items, isMeant)
  const type = openApi['x-kubernetes-list-type']
  const strategy: string = openApi['x-kubernetes-patch-strategy'] ?? ''
  const mergeKey: string | undefined = openApi['x-kubernetes-patch-merge-key']
  const keys: string[] = type === 'map' ? openApi['x-kubernetes-list-map-keys'] : []
  const set = type === 'set' || (strategy.includes('merge') && !mergeKey) || undefined
  const defaults = typeof list === 'object' && 'fields' in list ? list.defaults : undefined
  const keyDefaults = keys.filter((key) => defaults?.[key] !== undefined)
  return {
    list,
    mergeKey,
    keys,
    set,
    keyDefaults: Object.fromEntries(keyDefaults.map((key) => [key, String(defaults![key])])),
  }
}
