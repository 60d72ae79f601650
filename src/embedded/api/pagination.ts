import type { KubernetesObject } from '../../kubernetes-object.ts'
import { keyOf } from './collection.ts'
import { type Kind, loaded, resourceOf } from './kind.ts'
import { type ListOptions, parseListOptions } from './list-options.ts'
import { parseSelectors } from './selector.ts'
import { badRequest, StatusError } from './status-error.ts'
import type { Store } from './store.ts'

export interface Page {
  items: KubernetesObject[]
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

/** As a real API server writes it: a version of the format, the revision of the first page, the last key so far. */
interface Token {
  v: 'meta.k8s.io/v1'
  /** -1 where the rest is shown as it is now. */
  rv: number
  start: string
}

/** The page of a list that `limit` and `continue` ask for; every page is of the moment of the first. Throws 410. */
export function pageOf({ store, kind, namespace, query }: Listing): Page {
  const options = parseListOptions(query, false)
  const token = options.continue ? tokenOf(options.continue) : null
  if (token && options.resourceVersion !== null)
    throw badRequest('specifying resource version is not allowed when using continue')
  const revision = revisionOf(store, options, token)
  const stored = listed(store, { resource: resourceOf(kind), namespace, revision, token })
  const shown = kind.storage ? stored.map((each) => loaded(kind, each)) : stored
  const all = shown.filter(parseSelectors(kind, query))
  const rest = token ? all.filter((object) => keyOf(object) > token.start) : all
  const resourceVersion = String(revision)
  const { limit } = options
  if (!limit || rest.length <= limit) return { items: rest, metadata: { resourceVersion } }
  const items = rest.slice(0, limit)
  const isWhole = !query.get('labelSelector') && !query.get('fieldSelector')
  return {
    items,
    metadata: {
      resourceVersion,
      continue: textOf({ v: 'meta.k8s.io/v1', rv: revision, start: keyOf(items.at(-1)!) }),
      remainingItemCount: isWhole ? rest.length - limit : undefined,
    },
  }
}

export interface Listing {
  store: Store
  kind: Kind
  namespace?: string
  query: URLSearchParams
}

/** The moment that is shown. */
function revisionOf(store: Store, options: ListOptions, token: Token | null): number {
  const { resourceVersion, match } = options
  if (token && token.rv >= 0) return token.rv
  if (resourceVersion !== null && resourceVersion > store.revision)
    throw tooLarge(resourceVersion, store.revision)
  const isExact = match === 'Exact' || (match === '' && options.limit > 0)
  return resourceVersion && isExact ? resourceVersion : store.revision
}

function listed(
  store: Store,
  {
    resource,
    namespace,
    revision,
    token,
  }: { resource: string; namespace?: string; revision: number; token: Token | null },
): KubernetesObject[] {
  try {
    return store.listAt(revision, resource, namespace)
  } catch (error) {
    if (token) throw tokenExpired(textOf({ ...token, rv: -1 }))
    throw error
  }
}

function textOf(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function tokenOf(text: string): Token {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Number.isSafeInteger(token.rv) && typeof token.start === 'string') return token
  } catch {
    // Said below.
  }
  throw badRequest('continue key is not valid: it is not one that this server gave')
}

function tokenExpired(rest: string): StatusError {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
  return new StatusError(410, 'Expired', message, {}, { continue: rest })
}

function tooLarge(wanted: number, current: number): StatusError {
  const message = `Too large resource version: ${wanted}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return new StatusError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 })
}
