import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { WatchEvent } from '../api-client/index.ts'
import { controllerOf } from './controller.ts'

/** Objects of one kind by the owner that manages them, and those that nobody manages: found without looking at all. */
export class OwnedIndex {
  private readonly owned = new Map<string, Map<string, KubernetesObject>>()
  private readonly orphans = new Map<string, Map<string, KubernetesObject>>()
  /** In which group of which index an object is. */
  private readonly places = new Map<string, Map<string, KubernetesObject>>()

  take({ type, object }: WatchEvent): void {
    const uid = object.metadata.uid!
    const owner = controllerOf(object)?.uid
    const groups = owner ? this.owned : this.orphans
    const group = groupOf(groups, owner ?? object.metadata.namespace ?? '')
    const before = this.places.get(uid)
    if (before && (before !== group || type === 'DELETED')) before.delete(uid)
    if (type === 'DELETED') {
      this.places.delete(uid)
      return
    }
    group.set(uid, object)
    this.places.set(uid, group)
  }

  /** What an owner manages, the oldest first. */
  of(ownerUid: string): KubernetesObject[] {
    return [...(this.owned.get(ownerUid)?.values() ?? [])]
  }

  orphansIn(namespace: string): KubernetesObject[] {
    return [...(this.orphans.get(namespace)?.values() ?? [])]
  }

  /** The owner is gone, and what it owned is no longer asked for. */
  forget(ownerUid: string): void {
    if (this.owned.get(ownerUid)?.size === 0) this.owned.delete(ownerUid)
  }
}

function groupOf(
  groups: Map<string, Map<string, KubernetesObject>>,
  key: string,
): Map<string, KubernetesObject> {
  const group = groups.get(key) ?? new Map()
  groups.set(key, group)
  return group
}
