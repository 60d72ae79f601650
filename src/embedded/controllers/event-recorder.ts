import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, resources } from '../api-client/index.ts'

export interface RecordedEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** Writes an Event about an object; one that repeats is counted instead of written again. */
export async function recordEvent(
  client: ApiClient,
  component: string,
  object: KubernetesObject,
  event: RecordedEvent,
): Promise<void> {
  const { uid, namespace = 'default' } = object.metadata
  const digest = createHash('sha1')
    .update(JSON.stringify([uid, event]))
    .digest('hex')
    .slice(0, 16)
  const name = `${object.metadata.name}.${digest}`
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  try {
    const known = await client.get(resources.events, name, namespace)
    const patch = { count: (known.count ?? 1) + 1, lastTimestamp: now }
    await client.patch(resources.events, { name, namespace }, patch)
  } catch (error) {
    if (!isApiError(error, 404)) throw error
    await client.create(resources.events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: referenceTo(object),
      ...event,
      source: { component },
      reportingComponent: component,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
    })
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): object {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion, kind, name, namespace, uid, resourceVersion }
}
