import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'
import { configKeyProblem } from '../rules/index.ts'

export function admitNamespace({ object, old, operation, subresource }: AdmissionRequest): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
  if (operation === 'CREATE') {
    object.spec = { finalizers: ['kubernetes'] }
    object.status = { phase: 'Active' }
  } else if (subresource !== 'finalize') object.spec = old?.spec
}

export function admitSecret({ object, old, causes }: AdmissionRequest): void {
  if (old && object.type !== old.type) {
    const message = `Invalid value: "${object.type}": field is immutable`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'type' })
  }
  for (const [key, value] of Object.entries(object.stringData ?? {})) {
    object.data = { ...object.data, [key]: Buffer.from(String(value)).toString('base64') }
  }
  delete object.stringData
}

const mostBytes = 1024 * 1024

/** The keys of a ConfigMap or Secret are names of files; one that is immutable keeps what it holds. */
export function admitKeys({ object, old, causes }: AdmissionRequest): void {
  const invalid = (field: string, message: string) =>
    causes.push({ reason: 'FieldValueInvalid', message, field })
  for (const map of ['data', 'binaryData']) {
    for (const key of Object.keys(object[map] ?? {})) {
      const field = `${map}[${key}]`
      const problem = configKeyProblem(key)
      if (problem) invalid(field, `Invalid value: "${key}": ${problem}`)
      if (map === 'data' && Object.hasOwn(object.binaryData ?? {}, key))
        invalid(field, `Invalid value: "${key}": duplicate of key present in binaryData`)
    }
  }
  if (sizeOf(object) > mostBytes) {
    const message = `Too long: may not be more than ${mostBytes} bytes`
    causes.push({ reason: 'FieldValueTooLong', message, field: object.kind === 'Secret' ? 'data' : '[]' })
  }
  if (!old?.immutable) return
  for (const field of ['data', 'binaryData', 'immutable']) {
    if (jsonEqual(object[field], old[field])) continue
    const message = 'Forbidden: field is immutable when `immutable` is set'
    causes.push({ reason: 'FieldValueForbidden', message, field })
  }
}

/** Bytes of all values, decoded. */
function sizeOf({ kind, data = {}, binaryData = {} }: KubernetesObject): number {
  const bytes = (values: object, encoding: BufferEncoding) =>
    Object.values(values).reduce((total, value) => total + Buffer.byteLength(String(value), encoding), 0)
  return bytes(data, kind === 'Secret' ? 'base64' : 'utf8') + bytes(binaryData, 'base64')
}
