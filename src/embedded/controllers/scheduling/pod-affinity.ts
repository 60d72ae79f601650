import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { selects } from '../controller.ts'

export interface AffinityTerm {
  labelSelector?: Parameters<typeof selects>[0]
  namespaces?: string[]
  topologyKey: string
}

/** A node of the cluster and the pods that are on it. */
export interface NodePods {
  node: KubernetesObject
  pods: KubernetesObject[]
}

type Kind = 'podAffinity' | 'podAntiAffinity'

/** The terms that a pod requires of the pods around it. */
export function requiredTerms({ spec }: KubernetesObject, kind: Kind): AffinityTerm[] {
  return spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
}

/** How many pods that a term means are where the node is, by the term's topology key. */
export function countMatching(
  term: AffinityTerm,
  owner: KubernetesObject,
  place: { node: KubernetesObject; all: NodePods[] },
): number {
  const domain = domainOf(place.node, term.topologyKey)
  if (domain === undefined) return 0
  return place.all
    .filter(({ node }) => domainOf(node, term.topologyKey) === domain)
    .flatMap(({ pods }) => pods)
    .filter((pod) => meansPod(term, owner, pod)).length
}

/** Whether a term of `owner` means a pod. */
export function meansPod(term: AffinityTerm, owner: KubernetesObject, pod: KubernetesObject): boolean {
  const namespaces = term.namespaces?.length ? term.namespaces : [owner.metadata.namespace]
  return (
    namespaces.includes(pod.metadata.namespace) &&
    term.labelSelector !== undefined &&
    selects(term.labelSelector, pod.metadata.labels)
  )
}

export function domainOf({ metadata }: KubernetesObject, key: string): string | undefined {
  return metadata.labels?.[key]
}
