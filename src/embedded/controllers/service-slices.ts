import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, type Informer, resources } from '../api-client/index.ts'
import { lettersOf } from './template-hash.ts'

const serviceLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'

/** `NAMESPACE/SERVICE` that a slice belongs to, null where it names none. */
export function serviceOfSlice({ metadata }: KubernetesObject): string | null {
  const service = metadata.labels?.[serviceLabel]
  return service ? `${metadata.namespace}/${service}` : null
}

/** The EndpointSlices that one controller keeps for a Service. */
export class ServiceSlices {
  constructor(
    private readonly client: ApiClient,
    private readonly slices: Informer,
    private readonly manager: string,
  ) {}

  /** Writes what is missing or different, and deletes what is not wanted any more. */
  async keep(service: { namespace?: string; name: string }, wanted: KubernetesObject[]): Promise<void> {
    const kept = this.slices.list().filter((slice) => isManagedSlice(slice, { ...service, by: this.manager }))
    for (const slice of wanted) await this.write(slice, kept)
    for (const { metadata } of kept) {
      if (wanted.some((slice) => slice.metadata.name === metadata.name)) continue
      const { name, namespace } = metadata
      await this.client.delete(resources.endpointSlices, { name, namespace })
    }
  }

  private async write(slice: KubernetesObject, kept: KubernetesObject[]): Promise<void> {
    const { name, namespace } = slice.metadata
    const known = kept.find(({ metadata }) => metadata.name === name)
    if (!known) await this.client.create(resources.endpointSlices, slice)
    else if (!isSame(known, slice)) {
      const { endpoints, ports } = slice
      await this.client.patch(resources.endpointSlices, { name, namespace }, { endpoints, ports })
    }
  }
}

/** Whether a slice is one that this controller keeps for a Service. */
export function isManagedSlice(
  { metadata }: KubernetesObject,
  { namespace, name, by }: { namespace?: string; name: string; by: string },
): boolean {
  return (
    metadata.namespace === namespace &&
    metadata.labels?.[serviceLabel] === name &&
    metadata.labels?.[managedByLabel] === by
  )
}

export interface SliceContent {
  addressType: string
  endpoints: object[]
  ports: object[]
}

/**
 * A slice for a Service. Its name follows from the Service's and `key`, where Kubernetes takes random letters: who has
 * not yet seen what he has just written cannot write it twice.
 */
export function serviceSlice(
  owner: { service: KubernetesObject['metadata']; manager: string; key: string; reference: object },
  content: SliceContent,
): KubernetesObject {
  const { name, namespace, labels } = owner.service
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${lettersOf(`${content.addressType}${owner.key}`)}`,
      namespace,
      labels: { ...labels, [serviceLabel]: name, [managedByLabel]: owner.manager },
      ownerReferences: [owner.reference],
    },
    ...content,
  } as KubernetesObject
}

/** Both sides were made here, so the order of their fields is the same. */
function isSame(known: KubernetesObject, slice: KubernetesObject): boolean {
  return JSON.stringify([known.endpoints, known.ports]) === JSON.stringify([slice.endpoints, slice.ports])
}
