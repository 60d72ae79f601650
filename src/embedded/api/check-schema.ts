import { isQuantity } from '../quantity.ts'
import { isObject } from './json.ts'
import { ignored, refused, servedValues, shortName } from './published/index.ts'
import { notActedOn, rules } from './rules/index.ts'
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

/** What a real API server finds when it decodes a document. */
export interface DecodeFindings {
  /** Paths that the kind does not have: a typo, most likely. They are taken out of the document. */
  unknown: string[]
  /** Wrong types, by path. */
  undecodable: string[]
}

/** Holds a document against the types of its schema; finds everything at once. */
export function decodeBySchema(document: unknown, schema: Schema): DecodeFindings {
  const findings: DecodeFindings = { unknown: [], undecodable: [] }
  decode(document, schema, '', findings)
  return findings
}

function decode(value: unknown, schema: Schema, path: string, findings: DecodeFindings): void {
  if (value === null || value === undefined || schema === 'any') return
  const wrongType = (wanted: string) => findings.undecodable.push(`${path}: ${mismatch(value, wanted)}`)
  if (isChoice(schema)) {
    if (typeof value !== typeof schema.oneOf[0]) wrongType(typeof schema.oneOf[0])
  } else if (isList(schema)) {
    if (!Array.isArray(value)) return void wrongType('array')
    value.forEach((element, index) => {
      if (element === null) findings.undecodable.push(`${path}[${index}]: expected a value, got null`)
      decode(element, schema.list, `${path}[${index}]`, findings)
    })
  } else if (typeof schema === 'object' && !isObject(value)) wrongType('object')
  else if (isMap(schema) && isObject(value)) {
    for (const [key, element] of Object.entries(value))
      decode(element, schema.map, `${path}.${key}`, findings)
  } else if (isFields(schema) && isObject(value)) decodeFields(value, schema, path, findings)
  else if (typeof schema === 'string' && !isScalar(value, schema)) wrongType(schema)
}

function decodeFields(
  value: Record<string, unknown>,
  schema: FieldsSchema,
  path: string,
  findings: DecodeFindings,
): void {
  for (const [field, element] of Object.entries(value)) {
    const fieldPath = path ? `${path}.${field}` : field
    const known = Object.hasOwn(schema.fields, field) ? schema.fields[field] : undefined
    if (known) decode(element, known, fieldPath, findings)
    else if (!schema.open) {
      findings.unknown.push(fieldPath)
      delete value[field]
    }
  }
}

/** What a document of the right types says that cannot be: fields missing, values unknown, fields nobody acts on. */
export interface ValueFindings {
  causes: Cause[]
  /** Harmless fields that nothing here acts on. */
  ignored: string[]
}

/** Holds a decoded document against what its schema requires. `acts` is false for kinds that are only stored. */
export function checkValues(document: unknown, schema: Schema, acts: boolean): ValueFindings {
  const findings: ValueFindings = { causes: [], ignored: [] }
  check(document, schema, '', { ...findings, acts })
  return findings
}

interface Checking extends ValueFindings {
  acts: boolean
}

function check(value: unknown, schema: Schema, path: string, checking: Checking): void {
  if (value === null || value === undefined) return
  if (isChoice(schema)) {
    // Empty is what Go takes for left out.
    if (value !== '' && !schema.oneOf.includes(value as string))
      checking.causes.push(notOneOf(value, schema, path))
  } else if (isList(schema)) {
    if (Array.isArray(value))
      value.forEach((element, index) => {
        check(element, schema.list, `${path}[${index}]`, checking)
      })
  } else if (isMap(schema)) {
    for (const [key, element] of Object.entries(value as object))
      check(element, schema.map, `${path}[${key}]`, checking)
  } else if (isFields(schema)) checkFields(value as Record<string, unknown>, schema, path, checking)
}

function checkFields(
  value: Record<string, unknown>,
  schema: FieldsSchema,
  path: string,
  checking: Checking,
): void {
  const name = shortName(schema.definition ?? '')
  for (const [field, element] of Object.entries(value)) {
    const fieldPath = path ? `${path}.${field}` : field
    // A status is what a component reports: the real API server does not validate it either.
    if (fieldPath === 'status') continue
    const known = Object.hasOwn(schema.fields, field) ? schema.fields[field] : undefined
    if (known) check(element, known, fieldPath, checking)
    if (!checking.acts || isEmpty(element)) continue
    if (refused[name]?.includes(field)) checking.causes.push(notSupported(fieldPath))
    if (ignored[name]?.includes(field)) checking.ignored.push(fieldPath)
    const served = servedValues[name]?.[field]
    const isKnown = !isChoice(known) || known.oneOf.includes(element as string)
    if (served && isKnown && !served.includes(element as string))
      checking.causes.push(notServed(element, served, fieldPath))
  }
  for (const field of schema.required ?? []) {
    if (value[field] !== undefined && value[field] !== null && value[field] !== '') continue
    const fieldPath = path ? `${path}.${field}` : field
    checking.causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: fieldPath })
  }
  rules[name]?.(value, (field, message, reason = 'FieldValueInvalid') => {
    const at = [path, field].filter((part) => part !== '').join('.')
    checking.causes.push({ reason, message, field: at })
  })
}

function notOneOf(value: unknown, { oneOf }: ChoiceSchema, field: string): Cause {
  const list = [...oneOf]
    .sort()
    .map((each) => JSON.stringify(each))
    .join(', ')
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`
  return { reason: 'FieldValueNotSupported', message, field }
}

function notServed(value: unknown, served: (string | number)[], field: string): Cause {
  const list = served.map((each) => JSON.stringify(each)).join(', ')
  const message = `Unsupported value: ${JSON.stringify(value)}: this miniature cluster supports ${list}`
  return { reason: 'FieldValueNotSupported', message, field }
}

function notSupported(field: string): Cause {
  return { reason: 'FieldValueForbidden', message: notActedOn, field }
}

function mismatch(value: unknown, wanted: string): string {
  return `expected ${wanted}, got ${Array.isArray(value) ? 'array' : typeof value}`
}

function isScalar(value: unknown, schema: Scalar): boolean {
  switch (schema) {
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return typeof value === 'string' && /^[A-Za-z0-9+/\s]*=*\s*$/.test(value)
    case 'time':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value))
    case 'integer':
      return Number.isInteger(value) && (value as number) === ((value as number) | 0)
    case 'int64':
      return Number.isSafeInteger(value)
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'intOrString':
      return typeof value === 'string' || isScalar(value, 'integer')
    case 'quantity':
      return isQuantity(value)
    default:
      return true
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
