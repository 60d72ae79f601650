import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, type ResourceType } from '../api-client/index.ts'
import { controllerReference, selects } from './controller.ts'
import type { OwnedIndex } from './owned-index.ts'

export interface Claim {
  client: ApiClient
  /** Of what is claimed. */
  type: ResourceType
  index: OwnedIndex
  /** Beside the selector: what else makes an orphan one of the owner's. */
  canAdopt?(owner: KubernetesObject, orphan: KubernetesObject): boolean
}

/**
 * An owner takes over what nobody manages and its selector means, and lets go what its selector no longer means
 * (ControllerRefManager of Kubernetes). Resolves once the index holds what belongs to it.
 */
export async function claim(owner: KubernetesObject, claimed: Claim): Promise<void> {
  const { index, canAdopt = () => true } = claimed
  const isMeant = ({ metadata }: KubernetesObject) => selects(owner.spec.selector, metadata.labels)
  for (const object of index.of(owner.metadata.uid!)) {
    if (object.metadata.deletionTimestamp || isMeant(object)) continue
    const others = object.metadata.ownerReferences!.filter(({ uid }) => uid !== owner.metadata.uid)
    await setOwners(claimed, object, others)
  }
  for (const orphan of index.orphansIn(owner.metadata.namespace!)) {
    if (orphan.metadata.deletionTimestamp || !isMeant(orphan) || !canAdopt(owner, orphan)) continue
    const owners = [...(orphan.metadata.ownerReferences ?? []), controllerReference(owner)]
    await setOwners(claimed, orphan, owners)
  }
}

async function setOwners(
  { client, type }: Claim,
  { metadata }: KubernetesObject,
  ownerReferences: object[],
): Promise<void> {
  const { name, namespace, uid } = metadata
  try {
    await client.patch(type, { name, namespace }, { metadata: { uid, ownerReferences } })
  } catch (error) {
    if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
  }
}
