import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, newEventName, resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'

export interface RecordedEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** Events that each client wrote, the oldest first, by what they say: as many are remembered as by client-go. */
const written = new WeakMap<ApiClient, Map<string, string>>()
const mostRemembered = 4096

/** Writes an Event about an object; one that repeats is counted instead of written again. */
export async function recordEvent(
  client: ApiClient,
  component: string,
  object: KubernetesObject,
  event: RecordedEvent,
): Promise<void> {
  const { namespace = 'default' } = object.metadata
  const name = eventName(client, object, event)
  const now = apiTime()
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

/** The name of the Event that said the same before, else a new one. */
function eventName(client: ApiClient, { metadata }: KubernetesObject, event: RecordedEvent): string {
  const names = written.get(client) ?? new Map<string, string>()
  written.set(client, names)
  const key = JSON.stringify([metadata.uid, event])
  const name = names.get(key) ?? newEventName(metadata.name)
  names.delete(key)
  names.set(key, name)
  if (names.size > mostRemembered) names.delete(names.keys().next().value!)
  return name
}

function referenceTo({ apiVersion, kind, metadata }: KubernetesObject): object {
  const { name, namespace, uid, resourceVersion } = metadata
  return { apiVersion, kind, name, namespace, uid, resourceVersion }
}
