import type { KubernetesObject } from '../../kubernetes-object.ts'
import { actionBody, actions } from './actions.ts'
import { requireTypes } from './admit.ts'
import { isObject } from './json.ts'
import { groupVersion, type Kind } from './kind.ts'
import { deleteOptions, type ObjectRequest, patchOf, writeOptions } from './object-request.ts'
import { type Page, pageOf } from './pagination.ts'
import { applyPatch } from './patch/index.ts'
import type { Registry, Target } from './registry.ts'
import { badRequest, methodNotAllowed, success, unsupportedMediaType } from './status-error.ts'
import type { WriteOptions } from './write-options.ts'

export interface Answer {
  code: number
  body: object
}

/** Serves one request for objects of any kind; throws StatusError. */
export function serveObjects(registry: Registry, request: ObjectRequest): Answer {
  const options = writeOptions(request)
  const { kind, name, subresource } = request.route
  if (kind.deprecation) options.warnings.push(kind.deprecation)
  if (kind.review && !name) {
    const { user } = request
    const userOf = (token: string, audience?: string) => registry.tokens.userOf(token, audience)
    const asked = reviewed(request)
    requireTypes(kind, asked, options)
    return { code: 201, body: kind.review(asked, { user, userOf }) }
  }
  if (!subresource) requireVerb(kind, request.method, name !== undefined)
  else requireSubresourceVerb(request)
  const { code, body } = request.route.name
    ? serveOne(registry, request, { ...request.route, name: request.route.name }, options)
    : serveCollection(registry, request, options)
  return { code, body }
}

function reviewed({ method, body }: ObjectRequest): KubernetesObject {
  if (method !== 'POST')
    throw methodNotAllowed('the server does not allow this method on the requested resource')
  if (!isObject(body)) throw badRequest('the body must be an object')
  return body as KubernetesObject
}

const storedSubresources = ['status', 'scale', 'finalize', 'ephemeralcontainers', 'approval']

const verbs = {
  GET: ['list', 'get'],
  WATCH: ['watch', 'watch'],
  POST: ['create', ''],
  PUT: ['', 'update'],
  PATCH: ['', 'patch'],
  DELETE: ['deletecollection', 'delete'],
}

/** Throws 405 for what the kind does not do, such as a list of what is only asked. */
export function requireVerb({ published }: Kind, method: string, isNamed: boolean): void {
  const verb = verbs[method as keyof typeof verbs]?.[isNamed ? 1 : 0]
  if (verb && (!published || published.verbs.includes(verb))) return
  throw methodNotAllowed('the server does not allow this method on the requested resource')
}

/** What is read and changed as a part of an object is never deleted, and made only where something acts on it. */
function requireSubresourceVerb({ method, route: { kind, subresource } }: ObjectRequest): void {
  const verb = { POST: 'create', PUT: 'update', PATCH: 'patch', GET: 'get' }[method]
  const served = kind.published?.subresources.find(({ name }) => name === subresource)?.verbs
  if (verb && (!served || served.includes(verb))) return
  throw methodNotAllowed('the server does not allow this method on the requested resource')
}

function serveCollection(registry: Registry, request: ObjectRequest, options: WriteOptions) {
  const { route, method, body } = request
  switch (method) {
    case 'GET':
      return { code: 200, body: listBody(route.kind, pageFor(registry, request)) }
    case 'POST':
      return { code: 201, body: registry.create(route.kind, route.namespace, body, options) }
    case 'DELETE': {
      const doomed = pageFor(registry, request)
      const answer = listBody(route.kind, doomed)
      for (const { metadata } of doomed.items) {
        const target = { kind: route.kind, namespace: metadata.namespace, name: metadata.name }
        registry.delete(target, deleteOptions(request), options)
      }
      return { code: 200, body: answer }
    }
    default:
      throw methodNotAllowed(`${method} is not served on a collection`)
  }
}

const childPodsStay =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

/** Kinds whose deletion is answered with what was deleted. */
const returnsDeleted = [
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
  'storageclasses',
  'csidrivers',
  'csinodes',
  'volumeattachments',
]

function serveOne(registry: Registry, request: ObjectRequest, target: Target, options: WriteOptions) {
  const { method, body } = request
  const action = actions[`${target.kind.plural}/${target.subresource}`]
  if (action && method === 'POST')
    return { code: 201, body: action({ registry, target, body: actionBody(body), options }) }
  if (target.subresource && !storedSubresources.includes(target.subresource))
    throw badRequest(
      `${target.subresource} of ${target.kind.plural}: this miniature cluster does not serve it`,
    )
  if (target.subresource === 'scale')
    return { code: 200, body: serveScale(registry, request, target, options) }
  switch (method) {
    case 'GET':
      return { code: 200, body: registry.get(target) }
    case 'PUT':
      return { code: 200, body: registry.update(target, body, options) }
    case 'PATCH': {
      const exists = registry.has(target)
      const object = registry.patch(target, patchOf(request), options)
      return { code: exists ? 200 : 201, body: object }
    }
    case 'DELETE': {
      const deletion = deleteOptions(request)
      if (target.kind.kind === 'Job' && !deletion.propagationPolicy) options.warnings.push(childPodsStay)
      const { object, gone } = registry.delete(target, deletion, options)
      if (!gone || returnsDeleted.includes(target.kind.plural)) return { code: 200, body: object }
      const { kind } = target
      const details = {
        name: target.name,
        group: kind.group || undefined,
        kind: kind.plural,
        uid: object.metadata.uid,
      }
      return { code: 200, body: success(details) }
    }
    default:
      throw methodNotAllowed(`${method} is not served on an object`)
  }
}

function serveScale(
  registry: Registry,
  request: ObjectRequest,
  target: Target,
  options: WriteOptions,
): object {
  const { method, body } = request
  if (method === 'GET') return registry.scale(target, null, options)
  if (method === 'PUT') return registry.scale(target, () => body, options)
  if (method !== 'PATCH') throw methodNotAllowed(`${method} is not served on scale`)
  const patch = patchOf(request)
  if (patch.type === 'apply') throw unsupportedMediaType('scale takes no server-side apply here')
  const { kind } = target
  const patched = (scale: object) =>
    applyPatch({
      kind,
      old: scale as KubernetesObject,
      patch,
      manager: options.fieldManager ?? '',
      force: false,
    })
  return registry.scale(target, patched, options)
}

function pageFor({ store }: Registry, { route: { kind, namespace }, query }: ObjectRequest): Page {
  return pageOf({ store, kind, namespace, query })
}

function listBody(kind: Kind, { items, metadata }: Page): object {
  const listedItems = items.map((item) => listed(kind, item))
  return { kind: `${kind.kind}List`, apiVersion: groupVersion(kind), metadata, items: listedItems }
}

/** In a list, items of the published kinds do not say what they are: the list does. */
function listed({ isCustom }: Kind, item: KubernetesObject): object {
  if (isCustom) return item
  const { apiVersion: _version, kind: _kind, ...rest } = item
  return rest
}
