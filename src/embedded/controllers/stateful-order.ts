import type { KubernetesObject } from '../../kubernetes-object.ts'

/** What the order of a StatefulSet is decided by. */
export interface Member {
  name: string
  ordinal: number
  /** Revision that it was made by. */
  hash: string
  /** Ready for as long as the set asks for. */
  isAvailable: boolean
  hasEnded: boolean
  isTerminating: boolean
}

export interface Steps {
  /** Ordinals of pods to be made. */
  create: number[]
  /** Names of pods to be deleted. */
  remove: string[]
}

/**
 * What may be done now (apps/v1 StatefulSet): with OrderedReady one pod at a time, up in the order of ordinals and down
 * in reverse, each only while all before it are available. An update goes down the ordinals as far as its partition.
 */
export function nextSteps(
  { spec }: KubernetesObject,
  { pods, updateHash }: { pods: Member[]; updateHash: string },
): Steps {
  const first = spec.ordinals?.start ?? 0
  const wanted = Array.from({ length: spec.replicas ?? 1 }, (_each, index) => first + index)
  const isOrdered = spec.podManagementPolicy !== 'Parallel'
  const byOrdinal = new Map(pods.map((pod) => [pod.ordinal, pod]))
  const ended = pods.filter((pod) => pod.hasEnded && !pod.isTerminating)
  if (ended.length > 0) return { create: [], remove: ended.map(({ name }) => name) }

  const create: number[] = []
  for (const ordinal of wanted) {
    const pod = byOrdinal.get(ordinal)
    if (!pod) create.push(ordinal)
    // The next one waits for this one.
    if (isOrdered && !pod?.isAvailable) return { create, remove: [] }
  }
  const surplus = pods
    .filter(({ ordinal }) => !wanted.includes(ordinal))
    .sort((one, other) => other.ordinal - one.ordinal)
  if (surplus.length > 0) return { create, remove: removable(surplus, isOrdered) }
  return { create, remove: create.length > 0 ? [] : outdated(spec, pods, updateHash) }
}

/** The first ordinal that an update reaches: its partition counts pods, from the first one. */
export function firstUpdated({ ordinals, updateStrategy }: KubernetesObject['spec']): number {
  return (ordinals?.start ?? 0) + (updateStrategy?.rollingUpdate?.partition ?? 0)
}

function removable(surplus: Member[], isOrdered: boolean): string[] {
  if (!isOrdered) return surplus.filter(({ isTerminating }) => !isTerminating).map(({ name }) => name)
  return surplus[0]!.isTerminating ? [] : [surplus[0]!.name]
}

/** The one pod that an update replaces next; none while another is on its way. */
function outdated(spec: KubernetesObject['spec'], pods: Member[], updateHash: string): string[] {
  if (spec.updateStrategy?.type === 'OnDelete') return []
  const first = firstUpdated(spec)
  for (const pod of [...pods].sort((one, other) => other.ordinal - one.ordinal)) {
    if (pod.ordinal < first) return []
    if (pod.hash !== updateHash) return pod.isTerminating ? [] : [pod.name]
    if (!pod.isAvailable || pod.isTerminating) return []
  }
  return []
}
