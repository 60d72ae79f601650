import { LabError } from '../errors.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { type Resource, resourcePath } from './resources.ts'
import { refusal } from './status.ts'
import type { Transport } from './transport.ts'

/** Objects of one kind in one namespace, by name. */
export type Snapshot = Map<string, KubernetesObject>

export interface WatchTarget {
  resource: Resource
  namespace?: string
  /** Resolves the watch once true; asked after the list and after each event. */
  until: (objects: Snapshot) => boolean
}

/**
 * Lists, then watches from there until `until` holds; lists anew when the stream ends or its version is too old.
 * Rejects only when the API cannot be reached or refuses; returns false when `signal` was aborted first.
 */
export async function watchUntil(
  transport: Transport,
  target: WatchTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const path = resourcePath(target.resource, target.namespace)
  while (!signal.aborted) {
    const list = await transport.request(path, { signal }).catch((error) => {
      if (signal.aborted) return null
      throw error
    })
    if (!list) return false
    if (list.status === 404) return target.until(new Map())
    if (list.status !== 200) throw refusal(list, target.resource.plural)
    const { items, metadata } = JSON.parse(list.body) as ListBody
    const objects: Snapshot = new Map(items.map((object) => [object.metadata.name, object]))
    if (target.until(objects)) return true
    if (
      await follow(transport, `${path}?watch=true&resourceVersion=${metadata.resourceVersion}`, {
        target,
        objects,
        signal,
      })
    ) {
      return true
    }
  }
  return false
}

/** Throws `interrupted` where the caller's signal was aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new LabError({ code: 'interrupted', message: 'interrupted', hint: 'run it again' })
}

interface ListBody {
  items: KubernetesObject[]
  metadata: { resourceVersion: string }
}

async function follow(
  transport: Transport,
  path: string,
  { target, objects, signal }: { target: WatchTarget; objects: Snapshot; signal: AbortSignal },
): Promise<boolean> {
  const stop = new AbortController()
  let done = false
  const answer = await transport.stream(
    path,
    (line) => {
      const event = JSON.parse(line) as { type: string; object: KubernetesObject }
      if (event.type === 'ERROR') return stop.abort()
      if (event.type === 'DELETED') objects.delete(event.object.metadata.name)
      else if (event.type !== 'BOOKMARK') objects.set(event.object.metadata.name, event.object)
      done ||= target.until(objects)
      if (done) stop.abort()
    },
    AbortSignal.any([signal, stop.signal]),
  )
  if (!done && answer.status >= 400 && answer.status !== 410) throw refusal(answer, target.resource.plural)
  return done
}
