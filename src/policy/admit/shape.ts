import type { Path, Problems } from './problem.ts'
import { didYouMean, mostSimilar } from './similar.ts'

/** What a field may hold, as data. */
export type Shape =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'integer or string'
  | 'anything'
  | { oneOf: readonly string[] }
  | { list: Shape; unique?: boolean; nonEmpty?: boolean; most?: number }
  | { map: Shape }
  | {
      fields: Record<string, Shape>
      required?: readonly string[]
      /** Names that are published, too, and that nobody reads here; an unknown one may be of a newer version then. */
      others?: readonly string[]
    }

type Fields = Extract<Shape, { fields: unknown }>
type List = Extract<Shape, { list: unknown }>

/**
 * Checks a value against its shape and returns a copy that fits: nulls are left out as the API server does, and so
 * is what has a wrong type, so that later checks can rely on types. Unknown fields are told and kept.
 */
export function fitShape(value: unknown, shape: Shape, path: Path, problems: Problems): unknown {
  if (shape === 'anything') return value
  if (typeof shape === 'string') return fitScalar(value, shape, path, problems)
  if ('oneOf' in shape) return fitChoice(value, shape.oneOf, path, problems)
  if ('list' in shape) return fitList(value, shape, path, problems)
  if (!isRecord(value)) return wrongType('an object', value, path, problems)
  return 'map' in shape ? fitMap(value, shape.map, path, problems) : fitFields(value, shape, path, problems)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fitScalar(value: unknown, shape: string, path: Path, problems: Problems): unknown {
  const isInteger = Number.isInteger(value)
  const fits =
    (shape.includes('string') && typeof value === 'string') ||
    (shape.includes('integer') && isInteger) ||
    (shape === 'number' && Number.isFinite(value)) ||
    (shape === 'boolean' && typeof value === 'boolean')
  return fits ? value : wrongType(`${/^[aeiou]/.test(shape) ? 'an' : 'a'} ${shape}`, value, path, problems)
}

function fitChoice(value: unknown, choices: readonly string[], path: Path, problems: Problems): unknown {
  if (typeof value === 'string' && choices.includes(value)) return value
  if (typeof value !== 'string') return wrongType(`one of ${choices.join(', ')}`, value, path, problems)
  problems.add(
    path,
    `${JSON.stringify(value)} is not one of ${choices.join(', ')}`,
    didYouMean(value, choices),
  )
  return undefined
}

function fitList(
  value: unknown,
  { list, unique, nonEmpty, most }: List,
  path: Path,
  problems: Problems,
): unknown {
  if (!Array.isArray(value)) return wrongType('a list', value, path, problems)
  if (nonEmpty && value.length === 0) problems.add(path, 'must have at least one item')
  if (most !== undefined && value.length > most) problems.add(path, `must have at most ${most} items`)
  if (unique) {
    value.forEach((item, index) => {
      if (value.indexOf(item) < index)
        problems.add([...path, index], `${JSON.stringify(item)} is listed twice`)
    })
  }
  const items = value.map((item, index) => fitShape(item, list, [...path, index], problems))
  return items.filter((item) => item !== undefined)
}

function fitMap(value: Record<string, unknown>, shape: Shape, path: Path, problems: Problems): unknown {
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    fitShape(item, shape, [...path, key], problems),
  ])
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
}

function fitFields(value: Record<string, unknown>, shape: Fields, path: Path, problems: Problems): unknown {
  const { fields, required = [] } = shape
  const result: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    if (item === null || item === undefined) continue
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!known && isMistake(name, shape))
      problems.add([...path, name], 'unknown field', unknownFix(name, Object.keys(fields)))
    const fitted = known ? fitShape(item, known, [...path, name], problems) : item
    if (fitted !== undefined) result[name] = fitted
  }
  for (const name of required)
    if (value[name] === undefined || value[name] === null) problems.add([...path, name], 'is required')
  return result
}

/** Where not every field is known, only a name that resembles one. */
function isMistake(name: string, { fields, others }: Fields): boolean {
  if (!others) return true
  return !others.includes(name) && mostSimilar(name, Object.keys(fields)) !== undefined
}

function unknownFix(name: string, known: string[]): string {
  return didYouMean(name, known) ?? `known here: ${known.join(', ')}`
}

function wrongType(wanted: string, value: unknown, path: Path, problems: Problems): undefined {
  const found = Array.isArray(value) ? 'a list' : isRecord(value) ? 'an object' : undefined
  const isUnquoted = wanted === 'a string' && ['number', 'boolean'].includes(typeof value)
  problems.add(
    path,
    `must be ${wanted}, not ${found ?? JSON.stringify(value)}`,
    isUnquoted ? 'quote it' : undefined,
  )
}
