/** JSON values: what API objects are made of. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether two JSON values are the same; a field that is undefined is one that is missing. */
export function jsonEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false
    return one.every((each, index) => jsonEqual(each, other[index]))
  }
  if (!isObject(one) || !isObject(other)) return false
  const fields = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...fields].every((field) => jsonEqual(one[field], other[field]))
}

/** A deep copy, as far as JSON goes; much cheaper than `structuredClone`. */
export function jsonCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(jsonCopy) as T
  if (!isObject(value)) return value
  const copy: Record<string, unknown> = {}
  for (const field of Object.keys(value)) copy[field] = jsonCopy(value[field])
  return copy as T
}

/** Whether a value takes more bytes as JSON; what is small costs little to find out. */
export function isLarger(value: unknown, bytes: number): boolean {
  // A letter has four bytes at most, six where it is escaped.
  return textLength(value) * 6 > bytes && Buffer.byteLength(JSON.stringify(value)) > bytes
}

/** Letters of all texts, and a few for whatever stands between them. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length + 4
  if (typeof value !== 'object' || value === null) return 16
  let length = 4
  for (const key in value) length += key.length + 4 + textLength((value as Record<string, unknown>)[key])
  return length
}
