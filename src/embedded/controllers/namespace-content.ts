import type { ResourceType, WatchEvent } from '../api-client/index.ts'
import type { Owned } from './owner-graph.ts'

/** Every object by its namespace: what is in one is known without looking at all. */
export class NamespaceContent {
  private readonly namespaces = new Map<string, Map<string, Owned>>()

  take(type: ResourceType, { type: change, object }: WatchEvent): void {
    const { namespace = '', uid = '' } = object.metadata
    const content = this.namespaces.get(namespace) ?? new Map<string, Owned>()
    this.namespaces.set(namespace, content)
    if (change === 'DELETED') content.delete(uid)
    else content.set(uid, { type, object })
    if (content.size === 0) this.namespaces.delete(namespace)
  }

  of(namespace: string): Owned[] {
    return [...(this.namespaces.get(namespace)?.values() ?? [])]
  }
}
