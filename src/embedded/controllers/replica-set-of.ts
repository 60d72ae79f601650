import type { KubernetesObject } from '../../kubernetes-object.ts'
import { controllerReference } from './controller.ts'
import { surgeOf } from './rollout-limits.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
const maxAnnotation = 'deployment.kubernetes.io/max-replicas'
const hashLabel = 'pod-template-hash'

/** A ReplicaSet of a Deployment's template as it is. */
export function replicaSetFrom(
  deployment: KubernetesObject,
  made: { hash: string; replicas: number; owned: KubernetesObject[] },
): KubernetesObject {
  const { name, namespace } = deployment.metadata
  const { selector, template, minReadySeconds } = deployment.spec
  const labels = { ...template.metadata?.labels, [hashLabel]: made.hash }
  const revision = { [revisionAnnotation]: String(newestRevision(made.owned) + 1) }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${made.hash}`,
      namespace,
      labels,
      annotations: { ...passedOn(deployment), ...revision, ...sizeNotes(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: made.replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: made.hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** What a ReplicaSet notes of its Deployment, by which a change of the number of replicas is found later. */
export function sizeNotes({ spec }: KubernetesObject): Record<string, string> {
  return {
    [desiredAnnotation]: String(spec.replicas),
    [maxAnnotation]: String(spec.replicas + surgeOf(spec)),
  }
}

export function desiredOf({ metadata }: KubernetesObject): number | null {
  const text = metadata.annotations?.[desiredAnnotation]
  return text === undefined ? null : Number(text)
}

export function maxOf({ metadata }: KubernetesObject): number | null {
  const text = metadata.annotations?.[maxAnnotation]
  return text === undefined ? null : Number(text)
}

/** A merge patch for the ReplicaSet of the template, which is the newest whatever came before; null where it is so. */
export function takenOver(
  deployment: KubernetesObject,
  current: KubernetesObject,
  owned: KubernetesObject[],
): object | null {
  const others = owned.filter((each) => each !== current)
  const wanted: Record<string, string> = passedOn(deployment)
  const revision = newestRevision(others) + 1
  const before = revisionOf(current)
  if (before < revision) {
    wanted[revisionAnnotation] = String(revision)
    const history = current.metadata.annotations?.[historyAnnotation]
    if (before > 0) wanted[historyAnnotation] = [...(history ? [history] : []), before].join(',')
  }
  const annotations = current.metadata.annotations ?? {}
  const isNoted = Object.entries(wanted).every(([name, value]) => annotations[name] === value)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  const isSteady = (current.spec.minReadySeconds ?? 0) === minReadySeconds
  if (isNoted && isSteady) return null
  return { metadata: { annotations: wanted }, ...(isSteady ? {} : { spec: { minReadySeconds } }) }
}

export function isOfTemplate({ metadata }: KubernetesObject, hash: string): boolean {
  return metadata.labels?.[hashLabel] === hash
}

export function revisionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0)
}

/** Whether nothing is left of it but the memory. */
export function mayForget({ metadata, spec, status }: KubernetesObject): boolean {
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  return spec.replicas === 0 && !status?.replicas && isSeen && !metadata.deletionTimestamp
}

function newestRevision(replicaSets: KubernetesObject[]): number {
  return Math.max(0, ...replicaSets.map(revisionOf))
}

const kept = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
]

/** Annotations that a ReplicaSet has from its Deployment, such as kubernetes.io/change-cause. */
function passedOn({ metadata }: KubernetesObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => !kept.includes(name)),
  )
}
