import { canonicalQuantity, isQuantity } from '../quantity.ts'
import { isObject } from './json.ts'
import { isFields, isList, isMap, type Schema } from './schema.ts'

/** Writes what may be written in several ways as a real API server stores it: quantities. Changes the document in place. */
export function canonicalize(value: unknown, schema: Schema): void {
  if (!holdsQuantities(schema)) return
  if (isList(schema)) {
    if (Array.isArray(value)) for (const each of value) canonicalize(each, schema.list)
    return
  }
  if (!isObject(value)) return
  for (const [key, element] of Object.entries(value)) {
    const known = isMap(schema) ? schema.map : isFields(schema) && own(schema.fields, key)
    if (known === 'quantity' && isQuantity(element)) value[key] = canonicalQuantity(element)
    else if (known) canonicalize(element, known)
  }
}

const answers = new WeakMap<object, boolean>()

/** Whether anything of a schema is a quantity: most documents need not be looked through. */
function holdsQuantities(schema: Schema): boolean {
  if (schema === 'quantity') return true
  if (typeof schema !== 'object') return false
  const known = answers.get(schema)
  if (known !== undefined) return known
  // A schema that holds itself adds nothing to what else it holds.
  answers.set(schema, false)
  const parts = isList(schema) ? [schema.list] : isMap(schema) ? [schema.map] : []
  const holds = [...parts, ...(isFields(schema) ? Object.values(schema.fields) : [])].some(holdsQuantities)
  answers.set(schema, holds)
  return holds
}

function own(fields: Record<string, Schema>, key: string): Schema | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}
