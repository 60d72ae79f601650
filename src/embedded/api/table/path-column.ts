/**
 * The value at a path such as `.spec.ports[0].name` or `.metadata.labels.app\.kubernetes\.io/name`: the part of
 * JSONPath that printer columns use. A filter `[?(@.type=="Ready")]` picks the first element that fits; undefined
 * where there is no value.
 */
export function pathColumn(object: unknown, path: string): string | number | boolean | undefined {
  let at: unknown = object
  for (const step of stepsOf(path)) {
    if (at === null || at === undefined) return undefined
    at = step(at)
  }
  if (at === null || at === undefined) return undefined
  return typeof at === 'object' ? JSON.stringify(at) : (at as string | number | boolean)
}

type Step = (value: unknown) => unknown

const stepPattern =
  /\.((?:\\.|[^.[\]\\])+)|\[(\d+|\*)\]|\['((?:\\.|[^'\\])+)'\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/g

function stepsOf(path: string): Step[] {
  return [...path.matchAll(stepPattern)].map(([, field, index, quoted, key, wanted]): Step => {
    if (index !== undefined) return (value) => (Array.isArray(value) ? value[Number(index) || 0] : undefined)
    if (key !== undefined)
      return (value) =>
        Array.isArray(value)
          ? value.find((each) => String(pathColumn(each, `.${key}`)) === wanted)
          : undefined
    const name = (field ?? quoted ?? '').replace(/\\(.)/g, '$1')
    return (value) => (value as Record<string, unknown>)[name]
  })
}
