import type { KubernetesObject } from '../../kubernetes-object.ts'
import { badRequest, StatusError } from './status-error.ts'

export interface Page {
  items: KubernetesObject[]
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

interface Position {
  revision: number
  /** `namespace/name` of the last object of the page before. */
  after: string
}

/**
 * The page of a list that `limit` and `continue` ask for. Later pages show the state as it is by then, under the
 * revision of the first; a real API server shows that of the first for as long as it remembers it.
 */
export function pageOf(all: KubernetesObject[], query: URLSearchParams, revision: number): Page {
  const limit = Number(query.get('limit') ?? 0)
  if (!Number.isInteger(limit) || limit < 0)
    throw badRequest(`limit: Invalid value: ${JSON.stringify(query.get('limit'))}: must be a number`)
  const token = query.get('continue')
  const from = token ? positionOf(token) : null
  const resourceVersion = String(from?.revision ?? revision)
  const rest = from ? all.filter((object) => keyOf(object) > from.after) : all
  if (!limit || rest.length <= limit) return { items: rest, metadata: { resourceVersion } }
  const items = rest.slice(0, limit)
  const next: Position = { revision: Number(resourceVersion), after: keyOf(items.at(-1)!) }
  const isWhole = !query.get('labelSelector') && !query.get('fieldSelector')
  return {
    items,
    metadata: {
      resourceVersion,
      continue: Buffer.from(JSON.stringify(next)).toString('base64url'),
      remainingItemCount: isWhole ? rest.length - limit : undefined,
    },
  }
}

function positionOf(token: string): Position {
  try {
    const { revision, after } = JSON.parse(Buffer.from(token, 'base64url').toString())
    if (Number.isInteger(revision) && typeof after === 'string') return { revision, after }
  } catch {
    // Said below.
  }
  throw new StatusError(400, 'BadRequest', 'continue key is not valid: it is not one that this server gave')
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
