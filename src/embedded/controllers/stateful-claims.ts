import type { KubernetesObject, OwnerReference } from '../../kubernetes-object.ts'
import { controllerReference } from './controller.ts'

export function claimName(set: KubernetesObject, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`
}

/** The claims of one member: they stay when it goes, and are found again by its successor. */
export function claimsOf(set: KubernetesObject, ordinal: number): KubernetesObject[] {
  const { metadata, spec } = set
  return (spec.volumeClaimTemplates ?? []).map((template: KubernetesObject) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(set, template.metadata.name, ordinal),
      namespace: metadata.namespace,
      labels: { ...template.metadata.labels, ...spec.selector.matchLabels },
    },
    spec: template.spec,
  }))
}

export interface ClaimOwners {
  claim: KubernetesObject
  ownerReferences: OwnerReference[]
}

/**
 * Claims whose owners are to change by `persistentVolumeClaimRetentionPolicy`: with `whenDeleted: Delete` the set owns
 * them, with `whenScaled: Delete` a pod that goes because of fewer replicas does.
 */
export function retention(
  set: KubernetesObject,
  pods: KubernetesObject[],
  find: (claim: string) => KubernetesObject | undefined,
): ClaimOwners[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  const first = set.spec.ordinals?.start ?? 0
  const changes: ClaimOwners[] = []
  for (const pod of pods) {
    const ordinal = Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1)
    const isSurplus = ordinal < first || ordinal >= first + set.spec.replicas
    for (const { metadata } of claimsOf(set, ordinal)) {
      const claim = find(metadata.name)
      if (!claim || claim.metadata.deletionTimestamp) continue
      const owners = claim.metadata.ownerReferences ?? []
      const others = owners.filter(({ uid }) => uid !== set.metadata.uid && uid !== pod.metadata.uid)
      const wanted = [...others]
      if (isSurplus && whenScaled === 'Delete') wanted.push(controllerReference(pod))
      else if (whenDeleted === 'Delete') wanted.push(controllerReference(set))
      if (wanted.map(({ uid }) => uid).join() !== owners.map(({ uid }) => uid).join())
        changes.push({ claim, ownerReferences: wanted })
    }
  }
  return changes
}
