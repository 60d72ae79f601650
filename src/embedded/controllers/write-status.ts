import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { ApiClient, ResourceType } from '../api-client/index.ts'

/** Writes the whole status of an object: a field that is not in it goes away. */
export async function writeStatus(written: {
  client: ApiClient
  type: ResourceType
  object: KubernetesObject
  status: object
}): Promise<void> {
  const { client, type, object, status } = written
  const { name, namespace } = object.metadata
  const patch = { status: replacing(object.status ?? {}, status) }
  await client.patch(type, { name, namespace }, patch, 'status')
}

/** A merge patch that makes one object of another: what is only in the first is null. */
function replacing(before: Record<string, unknown>, after: object): object {
  const fields = new Map<string, unknown>(Object.keys(before).map((field) => [field, null]))
  for (const [field, value] of Object.entries(after)) {
    const old = before[field]
    fields.set(field, isPlain(old) && isPlain(value) ? replacing(old, value) : value)
  }
  return Object.fromEntries(fields)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Numbers as Go's `omitempty` writes them: none where they are zero. */
export function nonZero<T extends Record<string, number>>(numbers: T): Partial<T> {
  return Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== 0)) as Partial<T>
}
