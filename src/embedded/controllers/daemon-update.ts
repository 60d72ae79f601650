import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isAvailablePod } from './availability.ts'
import { isActivePod } from './controller.ts'
import { resolvePercent } from './int-or-percent.ts'
import { revisionLabel } from './revisions.ts'

export interface DaemonUpdate {
  remove: KubernetesObject[]
  /** Names of nodes that get a pod of the new template beside the old one. */
  create: string[]
}

/** The next step of a rolling update (apps/v1 RollingUpdateDaemonSet); `byNode` has every node that is meant. */
export function planUpdate(
  set: KubernetesObject,
  byNode: Map<string, KubernetesObject[]>,
  hash: string,
): DaemonUpdate {
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {}
  const surge = resolvePercent(maxSurge, byNode.size, Math.ceil)
  // Both zero would never move.
  const unavailable = resolvePercent(maxUnavailable, byNode.size, Math.ceil) || (surge > 0 ? 0 : 1)
  const places = [...byNode].map(([node, pods]) => placeOf(node, pods, { set, hash }))
  return surge > 0 ? withSurge(places, surge) : withoutSurge(places, unavailable)
}

interface Place {
  node: string
  /** The pod of an older template. */
  old: KubernetesObject | undefined
  isOldAvailable: boolean
  /** The pod of the template as it is. */
  updated: KubernetesObject | undefined
  isUpdatedAvailable: boolean
}

function placeOf(
  node: string,
  pods: KubernetesObject[],
  { set, hash }: { set: KubernetesObject; hash: string },
): Place {
  const active = pods.filter(isActivePod)
  const isUpdated = (pod: KubernetesObject) => pod.metadata.labels?.[revisionLabel] === hash
  const isAvailable = (pod?: KubernetesObject) =>
    pod !== undefined && isAvailablePod(pod, set.spec.minReadySeconds)
  const old = active.find((pod) => !isUpdated(pod))
  const updated = active.find(isUpdated)
  return {
    node,
    old,
    isOldAvailable: isAvailable(old),
    updated,
    isUpdatedAvailable: isAvailable(updated),
  }
}

/** An old pod goes before the new one comes; one that is not available may go whatever the others do. */
function withoutSurge(places: Place[], mostUnavailable: number): DaemonUpdate {
  const isDown = ({ isOldAvailable, isUpdatedAvailable }: Place) => !isOldAvailable && !isUpdatedAvailable
  const outdated = places.filter(({ old, updated }) => old && !updated)
  const broken = outdated.filter(isDown)
  const room = Math.max(0, mostUnavailable - places.filter(isDown).length)
  const healthy = outdated.filter((place) => !isDown(place)).slice(0, room)
  return { remove: [...broken, ...healthy].map(({ old }) => old!), create: [] }
}

/** The new pod comes first, and the old one goes once the new one is available. */
function withSurge(places: Place[], surge: number): DaemonUpdate {
  const replaced = places.filter(({ old, isUpdatedAvailable }) => old && isUpdatedAvailable)
  const outdated = places.filter(({ old, updated }) => old && !updated)
  const broken = outdated.filter(({ isOldAvailable }) => !isOldAvailable)
  const onTheWay = places.filter(
    ({ old, updated, isUpdatedAvailable }) => old && updated && !isUpdatedAvailable,
  )
  const room = Math.max(0, surge - onTheWay.length)
  const next = outdated.filter(({ isOldAvailable }) => isOldAvailable).slice(0, room)
  return {
    remove: [...replaced, ...broken].map(({ old }) => old!),
    create: next.map(({ node }) => node),
  }
}
