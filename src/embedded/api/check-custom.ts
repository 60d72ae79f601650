import { isObject } from './json.ts'
import { patternOf } from './pattern.ts'
import type { OpenApiSchema } from './published/index.ts'
import type { Cause } from './status-error.ts'

/** Causes for what an object's CustomResourceDefinition does not allow, in the words of the real API server. */
export function checkCustom(object: Record<string, unknown>, schema: OpenApiSchema): Cause[] {
  const causes: Cause[] = []
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...properties } = schema.properties ?? {}
  check(object, { ...schema, properties }, '', causes)
  return causes
}

function check(value: unknown, schema: OpenApiSchema, path: string, causes: Cause[]): void {
  const invalid = (rule: string, shown: unknown = value) =>
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(shown)}: ${path} in body ${rule}`,
      field: path,
    })
  if (!hasType(value, schema)) {
    const found = Array.isArray(value) ? 'array' : typeof value
    const message = `Invalid value: ${JSON.stringify(found)}: ${path} in body must be of type ${schema.type}: ${JSON.stringify(found)}`
    causes.push({ reason: 'FieldValueTypeInvalid', message, field: path })
    return
  }
  if (schema.enum && !schema.enum.includes(value)) {
    const list = schema.enum.map((each) => JSON.stringify(each)).join(', ')
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`
    causes.push({ reason: 'FieldValueNotSupported', message, field: path })
  }
  if (typeof value === 'number') {
    const { minimum, maximum } = schema
    if (minimum !== undefined && value < minimum) invalid(`should be greater than or equal to ${minimum}`)
    if (maximum !== undefined && value > maximum) invalid(`should be less than or equal to ${maximum}`)
  } else if (typeof value === 'string') {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema
    if (value.length < minLength) invalid(`should be at least ${minLength} chars long`)
    if (value.length > maxLength) causes.push(tooLong(path, maxLength))
    if (pattern !== undefined && !matches(pattern, value)) invalid(`should match '${pattern}'`)
  } else if (Array.isArray(value)) {
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
    if (value.length < minItems) invalid(`should have at least ${minItems} items`, value.length)
    if (value.length > maxItems) causes.push(tooMany(path, value.length, maxItems))
    value.forEach((each, index) => {
      check(each, schema.items ?? {}, `${path}[${index}]`, causes)
    })
  } else if (isObject(value)) checkObject(value, schema, path, causes)
}

function checkObject(
  value: Record<string, unknown>,
  schema: OpenApiSchema,
  path: string,
  causes: Cause[],
): void {
  const at = (field: string) => (path ? `${path}.${field}` : field)
  for (const field of schema.required ?? []) {
    if (value[field] !== undefined) continue
    causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: at(field) })
  }
  for (const [field, each] of Object.entries(value)) {
    const known = schema.properties?.[field] ?? schema.additionalProperties
    if (typeof known === 'object') check(each, known, at(field), causes)
  }
}

function hasType(value: unknown, schema: OpenApiSchema): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value)
  switch (schema.type) {
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === schema.type
    default:
      return true
  }
}

/** What the definition's own check did not let through is not here. */
function matches(pattern: string, value: string): boolean {
  const expression = patternOf(pattern)
  return typeof expression === 'string' || expression.test(value)
}

function tooLong(field: string, limit: number): Cause {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${limit} bytes`, field }
}

function tooMany(field: string, count: number, limit: number): Cause {
  return {
    reason: 'FieldValueTooMany',
    message: `Too many: ${count}: must have at most ${limit} items`,
    field,
  }
}
