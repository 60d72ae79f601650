import { knownDifferences } from './known-differences.ts'

export interface Difference {
  request: string
  /** Where in the answer, e.g. `.body.metadata.generation`. */
  at: string
  real: unknown
  ours: unknown
}

/** Every leaf in which two answers differ. */
export function differencesOf(request: string, real: unknown, ours: unknown, at = ''): Difference[] {
  if (JSON.stringify(real) === JSON.stringify(ours)) return []
  if (isTree(real) && isTree(ours) && Array.isArray(real) === Array.isArray(ours)) {
    const keys = new Set([...Object.keys(real), ...Object.keys(ours)])
    return [...keys].flatMap((key) => differencesOf(request, real[key], ours[key], `${at}.${key}`))
  }
  return [{ request, at, real, ours }]
}

/** The reasons that explain a difference; none where it is not known. */
export function reasonsFor({ request, at, real }: Difference): string[] {
  const known = knownDifferences.filter(
    (each) => each.requests.test(request) && each.at.test(at) && (!each.isExtra || real === undefined),
  )
  return known.map(({ because }) => because)
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
