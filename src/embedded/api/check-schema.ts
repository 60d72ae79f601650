import {
  type ChoiceSchema,
  type FieldsSchema,
  isChoice,
  isFields,
  isList,
  isMap,
  type Scalar,
  type Schema,
} from './schema.ts'
import type { Cause } from './status-error.ts'

/** What a document has that its kind's schema does not allow. */
export interface SchemaFindings {
  /** Paths that the kind does not have: a typo, most likely. */
  unknown: string[]
  /** Wrong types, by path: what a real API server cannot decode. */
  undecodable: string[]
  /** Required fields that are missing, and fields that nothing here acts on. */
  causes: Cause[]
}

/** Checks a document against its schema; finds everything at once. */
export function checkSchema(document: unknown, schema: Schema): SchemaFindings {
  const findings: SchemaFindings = { unknown: [], undecodable: [], causes: [] }
  visit(document, schema, '', findings)
  return findings
}

function visit(value: unknown, schema: Schema, path: string, findings: SchemaFindings): void {
  if (value === null || value === undefined || schema === 'any') return
  if (isChoice(schema)) {
    if (!schema.oneOf.includes(value as string)) findings.causes.push(notOneOf(value, schema, path))
  } else if (isList(schema)) {
    if (!Array.isArray(value)) {
      wrongType(path, 'array', value, findings)
      return
    }
    value.forEach((element, index) => {
      if (element === null) wrongType(`${path}[${index}]`, 'a value', element, findings)
      visit(element, schema.list, `${path}[${index}]`, findings)
    })
  } else if (typeof schema === 'object' && !isObject(value)) wrongType(path, 'object', value, findings)
  else if (isMap(schema) && isObject(value)) {
    for (const [key, element] of Object.entries(value))
      visit(element, schema.map, `${path}[${key}]`, findings)
  } else if (isFields(schema) && isObject(value)) visitFields(value, schema, path, findings)
  else if (typeof schema === 'string' && !isScalar(value, schema)) wrongType(path, schema, value, findings)
}

function visitFields(
  value: Record<string, unknown>,
  schema: FieldsSchema,
  path: string,
  findings: SchemaFindings,
): void {
  for (const [field, element] of Object.entries(value)) {
    const fieldPath = path ? `${path}.${field}` : field
    const known = Object.hasOwn(schema.fields, field) ? schema.fields[field] : undefined
    if (known) visit(element, known, fieldPath, findings)
    else if (schema.unsupported?.includes(field)) {
      if (!isEmpty(element)) findings.causes.push(notSupported(fieldPath))
    } else if (!schema.open) findings.unknown.push(fieldPath)
  }
  for (const field of schema.required ?? []) {
    if (value[field] !== undefined && value[field] !== null && value[field] !== '') continue
    const fieldPath = path ? `${path}.${field}` : field
    findings.causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: fieldPath })
  }
}

function notOneOf(value: unknown, { oneOf }: ChoiceSchema, field: string): Cause {
  const list = oneOf.map((each) => JSON.stringify(each)).join(', ')
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`
  return { reason: 'FieldValueNotSupported', message, field }
}

function notSupported(field: string): Cause {
  const message =
    'Forbidden: this miniature cluster does not act on this field, and would not ignore it silently'
  return { reason: 'FieldValueForbidden', message, field }
}

function wrongType(path: string, wanted: string, value: unknown, findings: SchemaFindings): void {
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
  findings.undecodable.push(`${path}: expected ${wanted}, got ${found}`)
}

function isScalar(value: unknown, schema: Scalar): boolean {
  switch (schema) {
    case 'string':
      return typeof value === 'string'
    case 'integer':
      return Number.isSafeInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'intOrString':
      return typeof value === 'string' || Number.isSafeInteger(value)
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number'
    default:
      return true
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
