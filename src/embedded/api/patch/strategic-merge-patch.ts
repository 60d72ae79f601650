import { isObject, jsonEqual } from '../json.ts'
import { fieldSchema, isList, type ListSchema, type Schema } from '../schema.ts'
import { badRequest } from '../status-error.ts'

type Fields = Record<string, unknown>

const orderDirective = '$setElementOrder/'
const deleteDirective = '$deleteFromPrimitiveList/'

/**
 * Kubernetes' own patch: like a merge patch, but lists whose schema names a merge key are merged by it. Directives:
 * `$patch` (delete, replace), `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`.
 */
export function strategicMergePatch(target: unknown, patch: unknown, schema: Schema): unknown {
  if (!isObject(patch)) throw badRequest('a strategic merge patch is an object')
  return mergeFields(isObject(target) ? target : {}, patch, schema)
}

function mergeFields(target: Fields, patch: Fields, schema: Schema): Fields {
  if (patch.$patch === 'replace') return withoutDirectives(patch)
  if (patch.$patch === 'delete') return {}
  const result: Fields = { ...target }
  if (Array.isArray(patch.$retainKeys)) {
    for (const key of Object.keys(result)) if (!patch.$retainKeys.includes(key)) delete result[key]
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deleteDirective)) removeValues(result, key.slice(deleteDirective.length), value)
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    if (value === null) delete result[key]
    else result[key] = mergeValue(result[key], value, fieldSchema(schema, key))
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(orderDirective)) continue
    const field = key.slice(orderDirective.length)
    if (Array.isArray(result[field]))
      result[field] = ordered(result[field], value, fieldSchema(schema, field))
  }
  return result
}

function mergeValue(target: unknown, value: unknown, schema: Schema): unknown {
  if (isObject(value)) return mergeFields(isObject(target) ? target : {}, value, schema)
  if (!Array.isArray(value)) return value
  const list = Array.isArray(target) ? target : []
  if (isList(schema) && schema.mergeKey)
    return mergeByKey(list, value, { ...schema, mergeKey: schema.mergeKey })
  if (isList(schema) && schema.set) return [...list, ...value.filter((each) => !list.includes(each))]
  return value
}

function mergeByKey(
  target: unknown[],
  patch: unknown[],
  schema: ListSchema & { mergeKey: string },
): unknown[] {
  const { mergeKey } = schema
  const elements = patch.filter(isObject)
  if (elements.some((each) => each.$patch === 'replace' && !(mergeKey in each))) {
    return elements.filter((each) => each.$patch !== 'replace')
  }
  const result = [...target]
  for (const element of elements) {
    if (element[mergeKey] === undefined)
      throw badRequest(`an element of the patch has no ${mergeKey}, by which the list merges`)
    const index = result.findIndex((each) => isObject(each) && each[mergeKey] === element[mergeKey])
    if (element.$patch === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (index < 0) result.push(mergeFields({}, element, schema.list))
    else result[index] = mergeFields(result[index] as Fields, element, schema.list)
  }
  return interleaved(result, target, elements, mergeKey)
}

/**
 * Elements of the patch keep the order of the patch, others that of the list; between the two, the order that the list
 * had decides, and what is new comes first: as the real API server merges them.
 */
function interleaved(merged: unknown[], before: unknown[], patch: Fields[], mergeKey: string): unknown[] {
  const keyOf = (each: unknown) => (isObject(each) ? each[mergeKey] : each)
  const patched = patch.map((element) => merged.find((each) => keyOf(each) === element[mergeKey]))
  const mine: unknown[] = patched.filter((each) => each !== undefined)
  const others = merged.filter((each) => !mine.includes(each))
  const place = (each: unknown) => before.findIndex((old) => keyOf(old) === keyOf(each))
  const result: unknown[] = []
  for (const each of mine) {
    while (others.length && place(each) > place(others[0])) result.push(others.shift())
    result.push(each)
  }
  return [...result, ...others]
}

function removeValues(fields: Fields, field: string, removed: unknown): void {
  if (!Array.isArray(fields[field]) || !Array.isArray(removed)) return
  fields[field] = fields[field].filter((each) => !removed.includes(each))
}

/** Elements that the patch names come in its order; others keep their place behind them. */
function ordered(list: unknown[], order: unknown, schema: Schema): unknown[] {
  if (!Array.isArray(order)) return list
  const mergeKey = isList(schema) ? schema.mergeKey : undefined
  const identity = (each: unknown) => (mergeKey && isObject(each) ? each[mergeKey] : each)
  const place = (each: unknown) => {
    const index = order.findIndex((named) => jsonEqual(identity(named), identity(each)))
    return index < 0 ? order.length : index
  }
  return [...list].sort((one, other) => place(one) - place(other))
}

function withoutDirectives(patch: Fields): Fields {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')))
}
