import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import type { Owned } from './owner-graph.ts'

interface Condition {
  type: string
  status: string
  reason: string
  message: string
  lastTransitionTime?: string
}

/** What a namespace that is being deleted says of what is left in it, in the words of the real controller. */
export function deletionConditions({ status }: KubernetesObject, left: Owned[]): Condition[] {
  const known: Condition[] = status?.conditions ?? []
  return [...wellDone, contentRemaining(left), finalizersRemaining(left)].map((condition) => {
    const before = known.find(({ type }) => type === condition.type)
    const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : apiTime()
    return { ...condition, lastTransitionTime }
  })
}

/** Nothing of this can go wrong here. */
const wellDone: Condition[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    status: 'False',
    reason: 'ResourcesDiscovered',
    message: 'All resources successfully discovered',
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    status: 'False',
    reason: 'ParsedGroupVersions',
    message: 'All legacy kube types successfully parsed',
  },
  {
    type: 'NamespaceDeletionContentFailure',
    status: 'False',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
]

function contentRemaining(left: Owned[]): Condition {
  const counts = countBy(left.map(({ type }) => resourceName(type)))
  const parts = counts.map(([name, count]) => `${name} has ${count} resource instances`)
  return {
    type: 'NamespaceContentRemaining',
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${parts.join(', ')}`,
  }
}

function finalizersRemaining(left: Owned[]): Condition {
  const counts = countBy(left.flatMap(({ object }) => object.metadata.finalizers ?? []))
  const type = 'NamespaceFinalizersRemaining'
  if (counts.length === 0)
    return {
      type,
      status: 'False',
      reason: 'ContentHasNoFinalizers',
      message: 'All content-preserving finalizers finished',
    }
  const parts = counts.map(([name, count]) => `${name} in ${count} resource instances`)
  return {
    type,
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`,
  }
}

/** `pods.` and `deployments.apps`: a group follows even where it is empty. */
function resourceName({ groupVersion, plural }: Owned['type']): string {
  const [, group = ''] = /^apis\/([^/]+)\//.exec(groupVersion) ?? []
  return `${plural}.${group}`
}

function countBy(names: string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1))
}
