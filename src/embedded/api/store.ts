import type { KubernetesObject } from '../../kubernetes-object.ts'
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
  private readonly collections = new Map<string, Map<string, KubernetesObject>>()
  private readonly log: Change[] = []
  private oldest = 1
  private readonly listeners = new Set<(change: Change) => void>()

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
    const objects = [...(this.collections.get(resource)?.values() ?? [])]
    const wanted = namespace ? objects.filter((object) => object.metadata.namespace === namespace) : objects
    return wanted.sort(byNamespaceAndName)
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
    const first = this.log.findIndex((change) => change.revision > revision)
    return first < 0 ? [] : this.log.slice(first)
  }

  /** Called at once, within the write, for each change. */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
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
    for (const listener of [...this.listeners]) listener(change)
  }

  private collection(resource: string): Map<string, KubernetesObject> {
    let collection = this.collections.get(resource)
    if (!collection) {
      collection = new Map()
      this.collections.set(resource, collection)
    }
    return collection
  }
}

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

function byNamespaceAndName(left: KubernetesObject, right: KubernetesObject): number {
  const [one, other] = [keyOf(left), keyOf(right)]
  return one < other ? -1 : one > other ? 1 : 0
}
