import { type Kind, resourceOf } from './kind.ts'
import type { KindCatalogue } from './kinds/index.ts'

/** A path of the API that names objects. */
export interface Route {
  kind: Kind
  resource: string
  namespace?: string
  name?: string
  subresource?: string
  isOldWatch?: boolean
}

/** What a path such as `/apis/apps/v1/namespaces/shop/deployments/web/status` names; nothing where no kind is served there. */
export function parseRoute(kinds: KindCatalogue, path: string): Route | undefined {
  const segments = path.split('/').slice(1).map(decodeURIComponent)
  const depth = segments[0] === 'api' ? 2 : segments[0] === 'apis' ? 3 : 0
  const groupVersion = segments.slice(0, depth).join('/')
  // `/api/v1/watch/…` is the older way to ask for a watch.
  const isOldWatch = segments[depth] === 'watch'
  const rest = segments.slice(isOldWatch ? depth + 1 : depth)
  if (!depth || !rest.length || rest.includes('')) return undefined
  const isScoped = rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.includes(rest[2]!)
  const namespace = isScoped ? rest[1] : undefined
  const [plural, name, subresource, ...tooMany] = isScoped ? rest.slice(2) : rest
  const kind = kinds.kindOf(`${groupVersion}/${plural}`)
  if (!kind || tooMany.length || Boolean(namespace) !== kind.namespaced) {
    // A namespaced kind without a namespace is a list over all of them, and names no object.
    if (!kind || tooMany.length || namespace || name) return undefined
  }
  if (subresource && !kind.subresources?.includes(subresource)) return undefined
  return { kind, resource: resourceOf(kind), namespace, name, subresource, isOldWatch }
}

const namespaceSubresources = ['status', 'finalize']
