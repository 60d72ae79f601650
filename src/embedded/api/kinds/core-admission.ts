import { jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'

export function admitNamespace({ object, old, operation, subresource }: AdmissionRequest): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
  if (operation === 'CREATE') {
    object.spec = { finalizers: ['kubernetes'] }
    object.status = { phase: 'Active' }
  } else if (subresource !== 'finalize') object.spec = old?.spec
}

export function admitSecret({ object }: AdmissionRequest): void {
  for (const [key, value] of Object.entries(object.stringData ?? {})) {
    object.data = { ...object.data, [key]: Buffer.from(String(value)).toString('base64') }
  }
  delete object.stringData
}

const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

/** The keys of a ConfigMap or Secret are names of files; one that is immutable keeps what it holds. */
export function admitKeys({ object, old, causes }: AdmissionRequest): void {
  const invalid = (field: string, message: string) =>
    causes.push({ reason: 'FieldValueInvalid', message, field })
  for (const map of ['data', 'binaryData']) {
    for (const key of Object.keys(object[map] ?? {})) {
      const field = `${map}[${key}]`
      if (!/^[-._a-zA-Z0-9]+$/.test(key)) invalid(field, `Invalid value: "${key}": ${keyRule}`)
      if (map === 'data' && object.binaryData?.[key] !== undefined)
        invalid(field, `Invalid value: "${key}": duplicate of key present in binaryData`)
    }
  }
  if (!old?.immutable) return
  for (const field of ['data', 'binaryData', 'immutable']) {
    if (jsonEqual(object[field], old[field])) continue
    const message = 'Forbidden: field is immutable when `immutable` is set'
    causes.push({ reason: 'FieldValueForbidden', message, field })
  }
}
