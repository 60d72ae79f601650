import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, type Informer, resources } from '../api-client/index.ts'
import { controllerOf, controllerReference } from './controller.ts'
import { templateHash } from './template-hash.ts'

export const revisionLabel = 'controller-revision-hash'

/** A workload's template as it was, kept as a ControllerRevision so that it can be gone back to. */
export interface Revision {
  name: string
  /** The value of a pod's label `controller-revision-hash`. */
  hash: string
  number: number
  template: { metadata?: KubernetesObject['metadata']; spec: object }
}

/** Keeps the revisions of StatefulSets and DaemonSets. `hashOf` says what their pods are labelled with. */
export class Revisions {
  constructor(
    private readonly client: ApiClient,
    private readonly stored: Informer,
    private readonly hashOf: (name: string) => string = (name) => name,
  ) {}

  /** The revision of the template as it is now, made where it is new; of those that came before, all. */
  async of(owner: KubernetesObject): Promise<{ current: Revision; all: Revision[] }> {
    const name = `${owner.metadata.name}-${templateHash(owner.spec.template)}`
    const all = this.owned(owner)
    const newest = Math.max(0, ...all.map(({ number }) => number))
    const known = all.find((revision) => revision.name === name)
    const ref = { name, namespace: owner.metadata.namespace }
    if (known && known.number < newest) {
      await this.client.patch(resources.controllerRevisions, ref, { revision: newest + 1 })
    } else if (!known) {
      await this.client.create(resources.controllerRevisions, {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          ...ref,
          labels: owner.spec.template.metadata?.labels,
          ownerReferences: [controllerReference(owner)],
        },
        revision: newest + 1,
        // As kubectl applies it to go back: the whole template in place of the other.
        data: { spec: { template: { ...owner.spec.template, $patch: 'replace' } } },
      } as KubernetesObject)
    }
    const listed = this.owned(owner)
    return { current: listed.find((revision) => revision.name === name)!, all: listed }
  }

  /** Forgets the oldest of those that no pod has any more. */
  async prune(owner: KubernetesObject, inUse: Set<string>): Promise<void> {
    const unused = this.owned(owner)
      .filter(({ hash }) => !inUse.has(hash))
      .sort((one, other) => other.number - one.number)
    for (const { name } of unused.slice(owner.spec.revisionHistoryLimit ?? 10)) {
      await this.client.delete(resources.controllerRevisions, {
        name,
        namespace: owner.metadata.namespace,
      })
    }
  }

  private owned(owner: KubernetesObject): Revision[] {
    return this.stored
      .list()
      .filter((each) => controllerOf(each)?.uid === owner.metadata.uid)
      .map((each) => {
        const { $patch: _directive, ...template } = each.data.spec.template
        const { name } = each.metadata
        return { name, hash: this.hashOf(name), number: Number(each.revision), template }
      })
  }
}
