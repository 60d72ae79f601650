import type { KubernetesObject } from '../../kubernetes-object.ts'
import { checkCustom } from './check-custom.ts'
import { checkValues, decodeBySchema } from './check-schema.ts'
import { documentSchema } from './document-schema.ts'
import { fillDefaults } from './fill-defaults.ts'
import type { Kind } from './kind.ts'
import type { WriteOptions } from './registry.ts'
import { badRequest, type Cause, invalid } from './status-error.ts'
import type { Store } from './store.ts'

export interface AdmitRequest {
  kind: Kind
  object: KubernetesObject
  old?: KubernetesObject
  operation: 'CREATE' | 'UPDATE'
  subresource?: string
  store: Store
  options: WriteOptions
}

/** Defaults and validates an object in place; throws 400 for what cannot be decoded and 422 with every cause. */
export function admit(request: AdmitRequest): void {
  const { kind, object, old, operation, subresource, store, options } = request
  const { warnings } = options
  decode(kind, object, options)
  const schema = documentSchema(kind)
  fillDefaults(object, schema)
  const causes: Cause[] = []
  if (operation === 'CREATE') causes.push(...checkName(kind, object))
  causes.push(...checkLabels(object))
  if (kind.openApi) causes.push(...checkCustom(object, kind.openApi))
  else if (subresource !== 'status') {
    const found = checkValues(object, schema, !kind.isInert)
    causes.push(...found.causes)
    for (const field of found.ignored) warnings.push(`${field}: nothing in this miniature cluster acts on it`)
  }
  const list = (resource: string, namespace?: string) => store.list(resource, namespace)
  for (const each of kind.admit ?? []) each({ operation, object, old, subresource, causes, warnings, list })
  if (causes.length) throw invalid(kind, object.metadata.name ?? '', causes)
  if (kind.isInert && operation === 'CREATE') {
    warnings.push(
      `${kind.kind}: this miniature cluster stores objects of this kind, and nothing acts on them`,
    )
  }
}

/** Unknown fields go, with a warning or an error as the client wishes; wrong types are an error. */
function decode(kind: Kind, object: KubernetesObject, options: WriteOptions): void {
  const { unknown, undecodable } = decodeBySchema(object, documentSchema(kind))
  const what = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`
  if (undecodable.length && !kind.openApi) throw badRequest(`${what}: ${undecodable.join(', ')}`)
  const texts = unknown.map((field) => `unknown field "${field}"`)
  if (texts.length && options.fieldValidation === 'Strict')
    throw badRequest(`${what}: strict decoding error: ${texts.join(', ')}`)
  if (options.fieldValidation !== 'Ignore') options.warnings.push(...texts)
}

function checkName(kind: Kind, { metadata }: KubernetesObject): Cause[] {
  const { name } = metadata
  if (!name)
    return [
      {
        reason: 'FieldValueRequired',
        message: 'Required value: name or generateName is required',
        field: 'metadata.name',
      },
    ]
  const isLabel = kind.nameRule === 'label'
  const pattern = isLabel
    ? /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
    : /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
  if (pattern.test(name) && name.length <= (isLabel ? 63 : 253)) return []
  const rule = isLabel ? 'a lowercase RFC 1123 label' : 'a lowercase RFC 1123 subdomain'
  const message = `Invalid value: ${JSON.stringify(name)}: ${rule} must consist of lower case alphanumeric characters or '-'${isLabel ? '' : " or '.'"}, and must start and end with an alphanumeric character`
  return [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }]
}

const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/

function checkLabels({ metadata }: KubernetesObject): Cause[] {
  const causes: Cause[] = []
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (labelKey.test(key) && labelValue.test(value)) continue
    const wrong = labelKey.test(key) ? value : key
    const message = `Invalid value: ${JSON.stringify(wrong)}: not a valid label ${labelKey.test(key) ? 'value' : 'key'}`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'metadata.labels' })
  }
  return causes
}
