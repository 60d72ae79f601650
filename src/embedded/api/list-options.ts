import { badRequest, type Cause, invalid } from './status-error.ts'

/** What a list or a watch is asked with besides selectors, as meta.k8s.io/v1 ListOptions has it. */
export interface ListOptions {
  /** 0 for no limit. */
  limit: number
  continue: string | null
  /** Null where none was given. */
  resourceVersion: number | null
  match: '' | 'Exact' | 'NotOlderThan'
  sendInitialEvents: boolean
  allowWatchBookmarks: boolean
  /** 0 for no end. */
  timeoutSeconds: number
}

/** Reads and validates the options of a list or watch. Throws 400 for what cannot be read, 422 for what does not fit. */
export function parseListOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  const initial = query.get('sendInitialEvents')
  const options = {
    limit: Math.max(0, integer(query, 'limit')),
    continue: query.get('continue') || null,
    match: (query.get('resourceVersionMatch') ?? '') as ListOptions['match'],
    sendInitialEvents: initial === 'true' || initial === '1',
    allowWatchBookmarks: ['true', '1'].includes(query.get('allowWatchBookmarks') ?? ''),
    timeoutSeconds: Math.max(0, integer(query, 'timeoutSeconds')),
  }
  const version = query.get('resourceVersion') ?? ''
  const causes = (isWatch ? watchCauses : listCauses)(options.match, version, initial !== null)
  if (causes.length) throw invalid(listOptions, '', causes)
  return { ...options, resourceVersion: versionOf(version) }
}

const listOptions = { group: 'meta.k8s.io', plural: '', kind: 'ListOptions' }

function listCauses(match: string, version: string, hasInitial: boolean): Cause[] {
  const causes: Cause[] = []
  if (match && !version)
    causes.push(forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided'))
  if (match && match !== 'Exact' && match !== 'NotOlderThan')
    causes.push(unsupported(match, ['', 'Exact', 'NotOlderThan']))
  if (match === 'Exact' && version === '0')
    causes.push(forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  if (hasInitial) causes.push(forbidden('sendInitialEvents is forbidden for list', 'sendInitialEvents'))
  return causes
}

function watchCauses(match: string, _version: string, hasInitial: boolean): Cause[] {
  if (!hasInitial) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    return match ? [forbidden(why)] : []
  }
  const causes: Cause[] = []
  if (match !== 'NotOlderThan') {
    causes.push(forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
    if (match) causes.push(unsupported(match, ['NotOlderThan']))
  }
  return causes
}

function forbidden(why: string, field = 'resourceVersionMatch'): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field }
}

function unsupported(value: string, served: string[]): Cause {
  const list = served.map((each) => JSON.stringify(each)).join(', ')
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`
  return { reason: 'FieldValueNotSupported', message, field: 'resourceVersionMatch' }
}

function integer(query: URLSearchParams, name: string): number {
  const text = query.get(name)
  if (!text) return 0
  if (!/^[+-]?\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

function versionOf(text: string): number | null {
  if (text === '') return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`,
  )
}
