import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'
import type { Manifest, ObjectRef } from '../lab.ts'
import { type Bounds, refuseElsewhere, withoutShared } from './bounds.ts'
import { withPlaces } from './refusal-places.ts'

const runLabel = 'ztlab.dev/run'

/** What a run made, and nothing else: it changes and deletes only objects with its own mark. */
export class OwnedObjects {
  /** In the order in which they were made. */
  private readonly made = new Map<string, KubernetesObject>()

  constructor(
    private readonly kube: KubeClient,
    private readonly runId: string,
    /** Left out where the cluster is ours. */
    private readonly bounds?: Bounds,
  ) {}

  /**
   * Applies all objects of manifests. Throws `bad-input` if one exists already that this run did not make, or if the
   * API server refuses one, with its place in the file.
   */
  async apply(manifests: Manifest[], signal?: AbortSignal): Promise<KubernetesObject[]> {
    const all = manifests.flatMap((manifest) => manifest.objects)
    const objects = this.bounds ? await this.withinBounds(all, this.bounds) : all
    const fresh = objects.filter((object) => !this.made.has(keyOf(object)))
    await this.refuseForeign(fresh)
    // Noted first: an apply that fails half way has made something, too.
    for (const object of fresh) this.made.set(keyOf(object), object)
    try {
      return await this.kube.apply(objects, { runId: this.runId, signal })
    } catch (error) {
      throw withPlaces(error, manifests)
    }
  }

  /** Deletes objects that this run made and waits until they are gone; returns them as messages name them. */
  async remove(refs: ObjectRef[], signal?: AbortSignal): Promise<string[]> {
    const objects = refs.flatMap(({ apiVersion, kind, name, namespace }) => {
      const found = this.made.get(keyOf({ apiVersion, kind, metadata: { name, namespace } }))
      return found ? [found] : []
    })
    if (objects.length === 0) return []
    await this.kube.delete(objects, { gracePeriodSeconds: 1, signal })
    for (const object of objects) this.made.delete(keyOf(object))
    return objects.map(describeObject)
  }

  /** Deletes all that is left, and waits until it is gone. */
  async removeAll(): Promise<void> {
    const objects = [...this.made.values()]
    if (objects.length > 0) await this.kube.delete(objects, { gracePeriodSeconds: 1 })
    this.made.clear()
  }

  private async withinBounds(all: KubernetesObject[], bounds: Bounds): Promise<KubernetesObject[]> {
    const mine = all.filter((object) => this.made.has(keyOf(object)))
    const others = all.filter((object) => !this.made.has(keyOf(object)))
    const objects = [
      ...mine,
      ...(await withoutShared(others, { kube: this.kube, shared: bounds.namespaces })),
    ]
    refuseElsewhere(objects, [...this.made.values()], bounds)
    return objects
  }

  private async refuseForeign(objects: KubernetesObject[]): Promise<void> {
    const existing = await Promise.all(
      objects.map(({ apiVersion, kind, metadata }) =>
        this.kube.get(apiVersion, kind, metadata.name, metadata.namespace),
      ),
    )
    const foreign = existing.filter((object) => object && object.metadata.labels?.[runLabel] !== this.runId)
    if (foreign.length === 0) return
    throw new LabError({
      code: 'bad-input',
      message: 'the cluster holds objects of the same names that this run did not make',
      problems: foreign.map((object) => `${describeObject(object!)}: exists already (${ownerOf(object!)})`),
      hint: `kubectl delete ${kubectlName(foreign[0]!)}`,
    })
  }
}

function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${apiVersion}|${kind}|${metadata.namespace ?? ''}|${metadata.name}`
}

function ownerOf({ metadata }: KubernetesObject): string {
  const run = metadata.labels?.[runLabel]
  return run ? `left by the run ${run}, or that run is under way` : 'it is not ours; delete it yourself'
}

function kubectlName({ kind, metadata }: KubernetesObject): string {
  return `${kind.toLowerCase()} ${metadata.name}${metadata.namespace ? ` -n ${metadata.namespace}` : ''}`
}
