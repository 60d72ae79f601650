import type { KubernetesObject } from '../../kubernetes-object.ts'
import { podFrom } from './pod-control.ts'
import { type Revision, revisionLabel } from './revisions.ts'
import { claimName } from './stateful-claims.ts'

/** The number at the end of a member's name; -1 where there is none. */
export function ordinalOf({ metadata }: KubernetesObject): number {
  return Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? -1)
}

/** Whether a pod has the name of one of the set's members. */
export function isMember({ metadata }: KubernetesObject, pod: KubernetesObject): boolean {
  return ordinalOf(pod) >= 0 && pod.metadata.name === `${metadata.name}-${ordinalOf(pod)}`
}

/** A pod with the name, the host name and the claims of its number. */
export function memberPod(
  set: KubernetesObject,
  ordinal: number,
  { hash, template }: Revision,
): KubernetesObject {
  const name = `${set.metadata.name}-${ordinal}`
  const claims: { name: string; persistentVolumeClaim: object }[] = (set.spec.volumeClaimTemplates ?? []).map(
    ({ metadata }: KubernetesObject) => ({
      name: metadata.name,
      persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
    }),
  )
  const { volumes = [] } = template.spec as { volumes?: { name: string }[] }
  const others = volumes.filter((volume) => !claims.some((claim) => claim.name === volume.name))
  return podFrom(set, template, {
    name,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      'statefulset.kubernetes.io/pod-name': name,
      [revisionLabel]: hash,
    },
    spec: {
      hostname: name,
      subdomain: set.spec.serviceName,
      ...(claims.length > 0 ? { volumes: [...others, ...claims] } : {}),
    },
  })
}
