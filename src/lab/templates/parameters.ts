import { z } from 'zod'
import type { SourceProblem, YamlPath } from '../../yaml-source.ts'

/** What a template takes: declared in the comment at its top, checked before anything is rendered. */
export interface Parameter {
  type: ParameterType
  description: string
  default?: unknown
  optional: boolean
  /** string: a regular expression for the whole value. */
  pattern?: string
  min?: number
  max?: number
  /** enum: what may be said. */
  values?: (string | number)[]
  /** list: the type of its elements. */
  of?: ParameterType
}

export const parameterTypes = [
  'string',
  'name',
  'integer',
  'port',
  'boolean',
  'cidr',
  'label-map',
  'selector',
  'enum',
  'list',
] as const
export type ParameterType = (typeof parameterTypes)[number]

const type = z.enum(parameterTypes)
const element = z.enum(parameterTypes.filter((name) => name !== 'list'))
const parameter = z.strictObject({
  type,
  description: z.string().min(1),
  default: z.unknown().optional(),
  optional: z.boolean().default(false),
  pattern: z.string().optional(),
  min: z.number().int().optional(),
  max: z.number().int().optional(),
  values: z.array(z.union([z.string(), z.number()])).optional(),
  of: element.optional(),
})

export const parametersSchema = z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), parameter).default({})

/** The values that a rendering uses: given ones and defaults; or every problem with them. */
export function checkValues(
  parameters: Record<string, Parameter>,
  given: Record<string, unknown>,
): { values: Record<string, unknown>; problems: SourceProblem[] } {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => unknownValue(name, Object.keys(parameters)))
  const values: Record<string, unknown> = {}
  const problems = [...unknown]
  for (const [name, declared] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : declared.default
    if (value === undefined) {
      if (!declared.optional) problems.push(missingValue(name, declared))
      values[name] = null
      continue
    }
    problems.push(...checkValue(value, declared, [name]))
    values[name] = value
  }
  return { values, problems }
}

/** What a parameter wants, in words. */
export function describeType(
  declared: Pick<Parameter, 'type' | 'of' | 'values' | 'min' | 'max' | 'pattern'>,
): string {
  switch (declared.type) {
    case 'list':
      return `a list of ${declared.of ?? 'string'}`
    case 'enum':
      return `one of ${(declared.values ?? []).join(', ')}`
    case 'integer':
      return `an integer${describeRange(declared)}`
    case 'port':
      return 'a port, 1 to 65535'
    case 'boolean':
      return 'true or false'
    case 'cidr':
      return 'a CIDR such as 10.0.0.0/8'
    case 'label-map':
      return 'a map of labels, e.g. {app: web}'
    case 'selector':
      return "a Calico selector, e.g. app == 'web'"
    case 'name':
      return 'a DNS label: lower-case letters, digits, hyphens'
    case 'string':
      return declared.pattern ? `a string that matches ${declared.pattern}` : 'a string'
  }
}

function checkValue(value: unknown, declared: Parameter, path: YamlPath): SourceProblem[] {
  if (declared.type === 'list') {
    if (!Array.isArray(value)) return [illTyped(value, declared, path)]
    const element: Parameter = { ...declared, type: declared.of ?? 'string' }
    return value.flatMap((one, index) => checkValue(one, element, [...path, index]))
  }
  return fits(value, declared) ? [] : [illTyped(value, declared, path)]
}

function fits(value: unknown, declared: Parameter): boolean {
  switch (declared.type) {
    case 'string':
      return isText(value) && (!declared.pattern || new RegExp(`^(?:${declared.pattern})$`, 'u').test(value))
    case 'name':
      return isText(value) && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)
    case 'integer':
      return isInteger(value, declared.min, declared.max)
    case 'port':
      return isInteger(value, 1, 65_535)
    case 'boolean':
      return typeof value === 'boolean'
    case 'cidr':
      return isText(value) && isCidr(value)
    case 'label-map':
      return isLabelMap(value)
    case 'selector':
      return isText(value) && hasBalancedQuotes(value)
    case 'enum':
      return (declared.values ?? []).includes(value as string | number)
    case 'list':
      return false
  }
}

/** Control characters have no place in a manifest; the private-use ones are how a rendering marks its values. */
function isText(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && !/[\p{Cc}\ue000-\ue003]/u.test(value.replace(/[\n\t]/g, ''))
  )
}

function isInteger(value: unknown, min = -Infinity, max = Infinity): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
}

function isCidr(value: string): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return false
  const parts = address.split('.')
  if (parts.length === 4)
    return parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256) && Number(prefix) <= 32
  return address.includes(':') && /^[0-9a-fA-F:]+$/.test(address) && Number(prefix) <= 128
}

function isLabelMap(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const label = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/
  const key = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/
  return Object.entries(value).every(
    ([name, text]) => key.test(name) && typeof text === 'string' && label.test(text),
  )
}

function hasBalancedQuotes(selector: string): boolean {
  return /^([^'"]|'[^']*'|"[^"]*")*$/.test(selector) && !/[\n\r]/.test(selector)
}

function describeRange({ min, max }: Pick<Parameter, 'min' | 'max'>): string {
  return `${min === undefined ? '' : `, at least ${min}`}${max === undefined ? '' : `, at most ${max}`}`
}

function unknownValue(name: string, known: string[]): SourceProblem {
  return {
    path: [name],
    problem: 'the template has no such parameter',
    fix: known.length > 0 ? `it has ${known.join(', ')}` : 'it has none',
    atKey: true,
  }
}

function missingValue(name: string, declared: Parameter): SourceProblem {
  return {
    path: [name],
    problem: 'is missing',
    fix: `give ${describeType(declared)}: ${declared.description}`,
  }
}

function illTyped(value: unknown, declared: Parameter, path: YamlPath): SourceProblem {
  return {
    path,
    problem: `${JSON.stringify(value)} is not ${describeType(declared)}`,
    fix: declared.description,
  }
}
