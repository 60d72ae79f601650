import type { IpVersion } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { canonicalize } from './canonicalize.ts'
import { checkCustom } from './check-custom.ts'
import { checkMetadata, checkName } from './check-metadata.ts'
import { checkValues, decodeBySchema } from './check-schema.ts'
import { documentSchema } from './document-schema.ts'
import { fillDefaults } from './fill-defaults.ts'
import type { Kind } from './kind.ts'
import { badRequest, type Cause, invalid } from './status-error.ts'
import type { Store } from './store.ts'
import type { WriteOptions } from './write-options.ts'

export interface AdmitRequest {
  kind: Kind
  object: KubernetesObject
  old?: KubernetesObject
  operation: 'CREATE' | 'UPDATE'
  subresource?: string
  store: Store
  families: IpVersion[]
  options: WriteOptions
}

/** Defaults and validates an object in place; throws 400 for what cannot be decoded and 422 with every cause. */
export function admit(request: AdmitRequest): void {
  const { kind, object, old, operation, subresource, store, families, options } = request
  const { warnings } = options
  requireTypes(kind, object, options)
  const schema = documentSchema(kind)
  const causes: Cause[] = []
  const list = (resource: string, namespace?: string) => store.list(resource, namespace)
  const asked = { operation, object, old, subresource, causes, warnings, families, list }
  kind.prepare?.(asked)
  canonicalize(object, schema)
  fillDefaults(object, schema)
  if (operation === 'CREATE') causes.push(...checkName(kind, object))
  causes.push(...checkMetadata(object, old))
  if (kind.openApi) causes.push(...checkCustom(object, kind.openApi))
  else if (subresource !== 'status') {
    const found = checkValues(object, schema, !kind.isInert)
    causes.push(...found.causes)
    for (const field of found.ignored) warnings.push(`${field}: nothing in this miniature cluster acts on it`)
  }
  for (const each of kind.admit ?? []) each(asked)
  if (causes.length) throw invalid(kind, object.metadata.name ?? '', causes)
  if (kind.isInert && operation === 'CREATE') {
    warnings.push(
      `${kind.kind}: this miniature cluster stores objects of this kind, and nothing acts on them`,
    )
  }
}

/** Unknown fields go, with a warning or an error as the client wishes; wrong types are an error (400). */
export function requireTypes(kind: Kind, object: KubernetesObject, options: WriteOptions): void {
  const { unknown, undecodable } = decodeBySchema(object, documentSchema(kind))
  const what = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`
  if (undecodable.length && !kind.openApi) throw badRequest(`${what}: ${undecodable.join(', ')}`)
  const texts = unknown.map((field) => `unknown field "${field}"`)
  if (texts.length && options.fieldValidation === 'Strict')
    throw badRequest(`${what}: strict decoding error: ${texts.join(', ')}`)
  if (options.fieldValidation !== 'Ignore') options.warnings.push(...texts)
}
