import { badRequest, type Cause, invalid } from './status-error.ts'

const options = { group: '', plural: '', kind: 'PodLogOptions' }

/** Throws 400 for numbers that are none, 422 for options of a pod's log that do not fit. */
export function requireLogOptions(pod: string, query: URLSearchParams): void {
  const causes: Cause[] = [
    ...atLeast(query, 'tailLines', 0),
    ...atLeast(query, 'limitBytes', 1),
    ...atLeast(query, 'sinceSeconds', 1),
  ]
  const wrong = (reason: string, message: string, field: string) => causes.push({ reason, message, field })
  if (query.get('sinceSeconds') && query.get('sinceTime')) {
    const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'
    wrong('FieldValueForbidden', message, '[]')
  }
  // Asked for by a feature that is off where it is new; so it is in a real cluster.
  if (query.get('stream')) wrong('FieldValueForbidden', 'Forbidden: may not be specified', 'stream')
  if (causes.length) throw invalid(options, pod, causes)
}

function atLeast(query: URLSearchParams, field: string, least: number): Cause[] {
  const text = query.get(field)
  if (!text) return []
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (Number(text) >= least) return []
  const rule = least ? 'must be greater than 0' : 'must be greater than or equal to 0'
  return [{ reason: 'FieldValueInvalid', message: `Invalid value: ${text}: ${rule}`, field }]
}
