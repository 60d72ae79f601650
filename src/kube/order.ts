import type { KubernetesObject } from '../kubernetes-object.ts'

/** Objects that may be written at the same time. */
export interface Group {
  objects: KubernetesObject[]
  /** What comes later cannot be written without these. */
  foundation: boolean
}

/** The order in which objects are written; deleting goes the other way. Policies stand before the pods they bind. */
const ranks: string[][] = [
  ['CustomResourceDefinition'],
  ['Namespace'],
  ['Tier', 'ServiceAccount', 'ClusterRole', 'Role', 'PriorityClass'],
  ['ClusterRoleBinding', 'RoleBinding', 'ConfigMap', 'Secret', 'NetworkSet', 'GlobalNetworkSet'],
  ['*Policy'],
  ['Service'],
  ['*'],
]
const foundations = 2

export function inOrder(objects: KubernetesObject[]): Group[] {
  return ranks
    .map((_, rank) => ({
      objects: objects.filter((object) => rankOf(object.kind) === rank),
      foundation: rank < foundations,
    }))
    .filter((group) => group.objects.length > 0)
}

function rankOf(kind: string): number {
  const exact = ranks.findIndex((kinds) => kinds.includes(kind))
  if (exact !== -1) return exact
  return ranks.findIndex((kinds) => kinds.includes(kind.endsWith('Policy') ? '*Policy' : '*'))
}
