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
  const absent = Object.keys(object.status ?? {}).filter((field) => !(field in status))
  const nulls = Object.fromEntries(absent.map((field) => [field, null]))
  await client.patch(type, { name, namespace }, { status: { ...nulls, ...status } }, 'status')
}

/** Numbers as Go's `omitempty` writes them: none where they are zero. */
export function nonZero<T extends Record<string, number>>(numbers: T): Partial<T> {
  return Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== 0)) as Partial<T>
}

export function nowText(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
