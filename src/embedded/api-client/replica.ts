import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Informer, ResourceType, WatchEvent } from './api-client.ts'
import { resourceKey } from './resources.ts'

/** One line of the API server's log as it is streamed: a change of one object, or how far the log has come. */
export type LogEntry =
  | { type: WatchEvent['type']; resource: string; object: KubernetesObject }
  | { type: 'REVISION'; revision: number }

/**
 * A copy of the whole store, fed by the log, and the informers that read it. All entries before the first REVISION
 * of a stream are the state as it is; what the copy holds beyond that is gone.
 */
export class Replica {
  revision = 0
  private readonly objects = new Map<string, Map<string, KubernetesObject>>()
  private readonly informers = new Map<string, Set<ReplicaInformer>>()
  private readonly revisionListeners = new Set<(revision: number) => void>()
  private filled = false
  private snapshot: Set<KubernetesObject> | null = new Set()

  /** A new stream begins: its first entries are the state as it is. */
  restart(): void {
    this.snapshot = new Set()
  }

  take(entry: LogEntry): void {
    if (entry.type === 'REVISION') {
      this.advance(entry.revision)
      return
    }
    const { resource, object } = entry
    const kept = this.kept(resource)
    const key = objectKey(object.metadata.name, object.metadata.namespace)
    const old = kept.get(key)
    this.snapshot?.add(object)
    if (entry.type === 'DELETED') {
      kept.delete(key)
      if (old) this.notify(resource, { type: 'DELETED', object })
      return
    }
    kept.set(key, object)
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return
    if (old && old.metadata.uid !== object.metadata.uid)
      this.notify(resource, { type: 'DELETED', object: old })
    const type = old?.metadata.uid === object.metadata.uid ? 'MODIFIED' : 'ADDED'
    this.notify(resource, { type, object })
  }

  inform(type: ResourceType, onChange?: (event: WatchEvent) => void): Informer {
    const resource = resourceKey(type)
    const listeners = this.informers.get(resource) ?? new Set()
    this.informers.set(resource, listeners)
    const informer = new ReplicaInformer(this.kept(resource), onChange, () => listeners.delete(informer))
    listeners.add(informer)
    if (this.filled) queueMicrotask(() => informer.start())
    return informer
  }

  onRevision(listener: (revision: number) => void): () => void {
    this.revisionListeners.add(listener)
    return () => this.revisionListeners.delete(listener)
  }

  private advance(revision: number): void {
    if (this.snapshot) this.sweep(this.snapshot)
    this.snapshot = null
    this.filled = true
    for (const informers of this.informers.values()) for (const informer of informers) informer.start()
    this.revision = revision
    for (const listener of [...this.revisionListeners]) guarded(() => listener(revision))
  }

  /** Drops what was deleted while no stream was open. */
  private sweep(snapshot: Set<KubernetesObject>): void {
    for (const [resource, kept] of this.objects) {
      for (const [key, object] of kept) {
        if (snapshot.has(object)) continue
        kept.delete(key)
        this.notify(resource, { type: 'DELETED', object })
      }
    }
  }

  private kept(resource: string): Map<string, KubernetesObject> {
    let kept = this.objects.get(resource)
    if (!kept) {
      kept = new Map()
      this.objects.set(resource, kept)
    }
    return kept
  }

  private notify(resource: string, event: WatchEvent): void {
    for (const informer of this.informers.get(resource) ?? []) informer.take(event)
  }
}

class ReplicaInformer implements Informer {
  readonly synced: Promise<void>
  private started = false
  private stopped = false
  private markSynced!: () => void

  constructor(
    private readonly kept: Map<string, KubernetesObject>,
    private readonly onChange: ((event: WatchEvent) => void) | undefined,
    private readonly remove: () => void,
  ) {
    this.synced = new Promise((resolve) => {
      this.markSynced = resolve
    })
  }

  start(): void {
    if (this.started || this.stopped) return
    this.started = true
    for (const object of [...this.kept.values()]) this.take({ type: 'ADDED', object })
    this.markSynced()
  }

  take(event: WatchEvent): void {
    const { onChange } = this
    if (this.started && !this.stopped && onChange) guarded(() => onChange(event))
  }

  list(): KubernetesObject[] {
    return [...this.kept.values()]
  }

  get(name: string, namespace?: string): KubernetesObject | undefined {
    return this.kept.get(objectKey(name, namespace))
  }

  stop(): void {
    this.stopped = true
    this.remove()
  }
}

function objectKey(name: string, namespace: string | undefined): string {
  return `${namespace ?? ''}/${name}`
}

/** One listener's fault must not keep the log from the others; it still ends the process as an uncaught error. */
function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
