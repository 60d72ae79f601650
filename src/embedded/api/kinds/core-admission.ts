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
