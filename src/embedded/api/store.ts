import type { KubernetesObject } from '../../kubernetes-object.ts'
import { Collection, keyOf } from './collection.ts'
import { expired } from './status-error.ts'

/** One entry of the log. `previous` is the object before the change, for watches that select. */
export interface Change {
  revision: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** `api/v1/pods`. */
  resource: string
  object: KubernetesObject
  previous?: KubernetesObject
}

/**
 * All objects of the cluster in memory, and the log of their changes. Every change takes the next revision, whatever
 * its kind. Objects in the store are shared and never changed in place.
 */
export class Store {
  private lastRevision = 1
  private readonly collections = new Map<string, Collection>()
  private readonly log: Change[] = []
  private oldest = 1
  private readonly listeners = new Map<string, Set<Listener>>()

  /** `kept` is how many changes the log keeps for watches that resume. */
  constructor(private readonly kept = 4096) {}

  get revision(): number {
    return this.lastRevision
  }

  get(resource: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.collections.get(resource)?.get(`${namespace ?? ''}/${name}`)
  }

  /** In the order of namespace and name, as a real API server lists. */
  list(resource: string, namespace?: string): KubernetesObject[] {
    return this.collections.get(resource)?.list(namespace) ?? []
  }

  /** The list as it was at a revision; throws 410 where the log no longer goes back so far. */
  listAt(revision: number, resource: string, namespace?: string): KubernetesObject[] {
    const collection = this.collections.get(resource)
    const undone = this.since(revision).filter((change) => change.resource === resource)
    if (!collection || !undone.length) return this.list(resource, namespace)
    const then = collection.copy()
    for (const { object, previous } of undone.reverse()) {
      if (previous) then.set(keyOf(object), previous)
      else then.delete(keyOf(object))
    }
    return then.list(namespace)
  }

  resources(): string[] {
    return [...this.collections.keys()]
  }

  /** Writes an object, new or changed, under the next revision, and returns what was stored. */
  put(resource: string, object: KubernetesObject): KubernetesObject {
    const collection = this.collection(resource)
    const key = keyOf(object)
    const previous = collection.get(key)
    const stored = this.stamped(object)
    collection.set(key, stored)
    this.append({
      revision: this.lastRevision,
      type: previous ? 'MODIFIED' : 'ADDED',
      resource,
      object: stored,
      previous,
    })
    return stored
  }

  /** Removes an object; what is returned and logged is its last state under the revision of the removal. */
  remove(resource: string, object: KubernetesObject): KubernetesObject {
    const previous = this.collection(resource).get(keyOf(object))
    this.collection(resource).delete(keyOf(object))
    const removed = this.stamped(object)
    this.append({ revision: this.lastRevision, type: 'DELETED', resource, object: removed, previous })
    return removed
  }

  /** The changes after `revision`; throws 410 where the log no longer goes back so far. */
  since(revision: number): Change[] {
    if (revision < this.oldest) throw expired(revision, this.oldest)
    // Every change takes the next revision: where one is follows from how old it is.
    return this.log.slice(Math.max(0, this.log.length - (this.lastRevision - revision)))
  }

  /** Called at once, within the write, for each change; of one resource alone where it is named. */
  subscribe(listener: Listener, resource = everyResource): () => void {
    const listeners = this.listeners.get(resource) ?? new Set()
    this.listeners.set(resource, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  private stamped(object: KubernetesObject): KubernetesObject {
    this.lastRevision += 1
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.lastRevision) } }
  }

  private append(change: Change): void {
    this.log.push(change)
    if (this.log.length > this.kept * 2) {
      this.log.splice(0, this.log.length - this.kept)
      this.oldest = this.log[0]!.revision - 1
    }
    for (const resource of [everyResource, change.resource])
      for (const listener of [...(this.listeners.get(resource) ?? [])]) listener(change)
  }

  private collection(resource: string): Collection {
    const collection = this.collections.get(resource) ?? new Collection()
    this.collections.set(resource, collection)
    return collection
  }
}

type Listener = (change: Change) => void

const everyResource = ''
