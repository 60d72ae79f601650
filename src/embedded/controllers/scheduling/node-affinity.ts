import type { KubernetesObject } from '../../../kubernetes-object.ts'

// biome-ignore lint/suspicious/noExplicitAny: a pod's spec that was checked against its schema
type PodSpec = any

interface Requirement {
  key: string
  operator: string
  values?: string[]
}

export interface NodeSelectorTerm {
  matchExpressions?: Requirement[]
  matchFields?: Requirement[]
}

/** Whether a node is one that `nodeSelector` and the required node affinity ask for. */
export function matchesNodeAffinity(
  { nodeSelector = {}, affinity }: PodSpec,
  node: KubernetesObject,
): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)) return false
  const terms: NodeSelectorTerm[] | undefined =
    affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || terms.some((term) => matchesTerm(term, node))
}

/** core/v1 NodeSelectorTerm: all of it holds; an empty one matches nothing. */
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: KubernetesObject,
) {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name }
  return (
    matchExpressions.every((each) => holds(each, node.metadata.labels ?? {})) &&
    matchFields.every((each) => holds(each, fields))
  )
}

function holds({ key, operator, values = [] }: Requirement, labels: Record<string, string>): boolean {
  const value = labels[key]
  switch (operator) {
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}
