import type { KubernetesObject } from '../../kubernetes-object.ts'

/** The objects of one resource by `namespace/name`, and their keys in that order: a list sorts nothing. */
export class Collection {
  private readonly objects = new Map<string, KubernetesObject>()
  private readonly keys: string[] = []

  get(key: string): KubernetesObject | undefined {
    return this.objects.get(key)
  }

  set(key: string, object: KubernetesObject): void {
    if (!this.objects.has(key)) this.keys.splice(this.place(key), 0, key)
    this.objects.set(key, object)
  }

  delete(key: string): void {
    if (this.objects.delete(key)) this.keys.splice(this.place(key), 1)
  }

  /** In the order of namespace and name, as a real API server lists. */
  list(namespace: string | undefined): KubernetesObject[] {
    // A slash ends the namespace in a key, and what follows a slash is a zero.
    const keys = namespace
      ? this.keys.slice(this.place(`${namespace}/`), this.place(`${namespace}0`))
      : this.keys
    return keys.map((key) => this.objects.get(key)!)
  }

  copy(): Collection {
    const copy = new Collection()
    for (const key of this.keys) {
      copy.keys.push(key)
      copy.objects.set(key, this.objects.get(key)!)
    }
    return copy
  }

  /** Where the first key is that does not come before this one. */
  private place(key: string): number {
    let [low, high] = [0, this.keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

export function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}
