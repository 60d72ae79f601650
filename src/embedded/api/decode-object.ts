import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Kind } from './kind.ts'
import { badRequest } from './status-error.ts'

/** A copy of the body that is of this kind and of this place, or 400. */
export function decodeObject(sent: {
  kind: Kind
  namespace?: string
  name?: string
  body: unknown
}): KubernetesObject {
  const { kind, namespace, name, body } = sent
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('the body must be an object')
  }
  const object = withoutNulls(body) as KubernetesObject
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version
  if ((object.kind ?? kind.kind) !== kind.kind || (object.apiVersion ?? apiVersion) !== apiVersion) {
    const found = `${JSON.stringify(object.apiVersion)}, Kind=${JSON.stringify(object.kind)}`
    throw badRequest(`the object provided is ${found}, but this path takes ${apiVersion}, Kind=${kind.kind}`)
  }
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null)) {
    throw badRequest('metadata must be an object')
  }
  const decoded = { apiVersion, kind: kind.kind, metadata: metadata ?? ({} as never), ...rest }
  if (name !== undefined && (decoded.metadata.name ?? name) !== name) {
    throw badRequest(
      `the name of the object (${decoded.metadata.name}) does not match the name on the URL (${name})`,
    )
  }
  if ((decoded.metadata.namespace ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  for (const field of emptyIsMissing) {
    if (isEmpty(decoded.metadata[field])) delete decoded.metadata[field]
  }
  if (name !== undefined) decoded.metadata.name = name
  if (namespace) decoded.metadata.namespace = namespace
  return decoded
}

/** Metadata that Go leaves out where it is empty. */
const emptyIsMissing = ['labels', 'annotations', 'ownerReferences', 'finalizers']

/** A deep copy in which a null field is what Go makes of it: left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  if (Object.hasOwn(value, '__proto__')) throw badRequest('a field must not be named __proto__')
  const kept = Object.entries(value).filter(([, each]) => each !== null && each !== undefined)
  return Object.fromEntries(kept.map(([field, each]) => [field, withoutNulls(each)]))
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
