import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { ResourceType } from '../api-client/index.ts'

export interface Owned {
  type: ResourceType
  object: KubernetesObject
}

/** Every object by its uid, and under the uids of those that own it: a look-up, however many there are. */
export class OwnerGraph {
  private readonly objects = new Map<string, Owned>()
  private readonly dependents = new Map<string, Set<string>>()

  put(owned: Owned): void {
    const uid = owned.object.metadata.uid!
    this.unlink(this.objects.get(uid)?.object)
    this.objects.set(uid, owned)
    for (const owner of owned.object.metadata.ownerReferences ?? []) {
      const dependents = this.dependents.get(owner.uid) ?? new Set()
      this.dependents.set(owner.uid, dependents.add(uid))
    }
  }

  remove({ metadata }: KubernetesObject): void {
    this.unlink(this.objects.get(metadata.uid!)?.object)
    this.objects.delete(metadata.uid!)
  }

  get(uid: string): Owned | undefined {
    return this.objects.get(uid)
  }

  dependentsOf(uid: string): Owned[] {
    return [...(this.dependents.get(uid) ?? [])].flatMap((dependent) => this.objects.get(dependent) ?? [])
  }

  private unlink(object: KubernetesObject | undefined): void {
    for (const owner of object?.metadata.ownerReferences ?? []) {
      const dependents = this.dependents.get(owner.uid)
      dependents?.delete(object!.metadata.uid!)
      if (dependents?.size === 0) this.dependents.delete(owner.uid)
    }
  }
}
