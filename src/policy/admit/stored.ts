import type { KubernetesObject } from '../../kubernetes-object.ts'

/** Where a Calico without its API server keeps its objects. */
export const storedVersion = 'crd.projectcalico.org/v1'
const writtenVersion = 'projectcalico.org/v3'

/**
 * What a stored object means, in the group that people write: under the name that older Calico put a prefix to
 * (libcalico-go, ConvertK8sResourceToCalicoResource), and, since nothing defaults what is stored by hand, with both
 * types where it has none (felix/calc/policy_sorter.go). Other objects are returned as they are.
 */
export function fromStorage(object: KubernetesObject): KubernetesObject {
  if (object.apiVersion !== storedVersion) return object
  const restored = { ...object, apiVersion: writtenVersion }
  if (!isCalicoPolicy(object.kind)) return restored
  const { metadata, spec } = object
  const isClosed = spec?.stagedAction !== 'Delete' && !spec?.types?.length
  return {
    ...restored,
    metadata: { ...metadata, name: policyName(object) },
    ...(isClosed && { spec: { ...spec, types: ['Ingress', 'Egress'] } }),
  }
}

/** A policy of Calico's own kinds, staged or not. */
export function isCalicoPolicy(kind: string): boolean {
  return /^(Staged)?(Global)?NetworkPolicy$/.test(kind)
}

function policyName({ metadata, spec }: KubernetesObject): string {
  const noted = notedName(metadata.annotations?.['projectcalico.org/metadata'])
  const isPrefixed = (spec?.tier ?? 'default') === 'default'
  return noted ?? (isPrefixed ? metadata.name.replace(/^default\./, '') : metadata.name)
}

/** Older Calico kept the metadata as they were written in an annotation. */
function notedName(annotation: string | undefined): string | undefined {
  try {
    return (JSON.parse(annotation ?? 'null') as { name?: string } | null)?.name
  } catch {
    return undefined
  }
}
