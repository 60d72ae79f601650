import type { KubernetesObject } from '../../kubernetes-object.ts'
import { desiredOf, maxOf, revisionOf } from './replica-set-of.ts'
import { type DeploymentSpec, mostUnavailable, surgeOf } from './rollout-limits.ts'

/** What one ReplicaSet is to be scaled to. */
export interface Scaling {
  replicaSet: KubernetesObject
  replicas: number
}

/** The size that a new ReplicaSet begins with. */
export function sizeOfNew({ spec }: KubernetesObject, owned: KubernetesObject[], already = 0): number {
  if (spec.strategy.type === 'Recreate') return spec.replicas
  const room = spec.replicas + surgeOf(spec) - total(owned)
  return already + Math.max(0, Math.min(room, spec.replicas - already))
}

/**
 * The next step of a rollout (apps/v1 DeploymentStrategy): first the new ReplicaSet grows as far as `maxSurge` allows,
 * and where it cannot, the old ones shrink as far as `maxUnavailable` allows, broken pods before others.
 */
export function stepOfRollout(
  deployment: KubernetesObject,
  current: KubernetesObject,
  old: KubernetesObject[],
): Scaling[] {
  const { spec } = deployment
  const replicas =
    current.spec.replicas > spec.replicas
      ? spec.replicas
      : sizeOfNew(deployment, [current, ...old], current.spec.replicas)
  if (replicas !== current.spec.replicas) return [{ replicaSet: current, replicas }]
  return changesOf(shrink(spec, current, oldestFirst(old)))
}

/** Everything that is old goes before anything new comes. */
export function stepOfRecreate(old: KubernetesObject[]): Scaling[] {
  return changesOf(old.map((replicaSet) => ({ replicaSet, replicas: 0 })))
}

/** Whether the number of replicas was changed since the ReplicaSets were sized. */
export function isScaling({ spec }: KubernetesObject, owned: KubernetesObject[]): boolean {
  return owned.some(
    (each) => each.spec.replicas > 0 && desiredOf(each) !== null && desiredOf(each) !== spec.replicas,
  )
}

/** Makes a new number of replicas so without going on with a rollout: each ReplicaSet gets its share. */
export function stepOfScaling(
  { spec }: KubernetesObject,
  current: KubernetesObject | undefined,
  old: KubernetesObject[],
): Scaling[] {
  const all = current ? [current, ...old] : old
  const active = all.filter((each) => each.spec.replicas > 0)
  const newest = [...old].sort((one, other) => revisionOf(other) - revisionOf(one))[0]
  const only = active.length === 0 ? (current ?? newest) : active.length === 1 ? active[0] : undefined
  if (only) return [{ replicaSet: only, replicas: spec.replicas }]
  if (current && isSaturated(current, spec)) return stepOfRecreate(active.filter((each) => each !== current))
  if (spec.strategy.type === 'Recreate') return []
  return inProportion(spec, active)
}

function shrink(spec: DeploymentSpec, current: KubernetesObject, old: KubernetesObject[]): Scaling[] {
  const least = spec.replicas - mostUnavailable(spec)
  const newUnavailable = current.spec.replicas - availableIn(current)
  const sizes = new Map(old.map((each) => [each, each.spec.replicas as number]))
  let broken = Math.max(0, total([current, ...old]) - least - newUnavailable)
  if (broken === 0) return []
  for (const each of old) {
    const going = Math.min(broken, Math.max(0, each.spec.replicas - availableIn(each)))
    sizes.set(each, each.spec.replicas - going)
    broken -= going
  }
  let removable = Math.max(0, [current, ...old].reduce((sum, each) => sum + availableIn(each), 0) - least)
  for (const each of old) {
    const going = Math.min(sizes.get(each)!, removable)
    sizes.set(each, sizes.get(each)! - going)
    removable -= going
  }
  return [...sizes].map(([replicaSet, replicas]) => ({ replicaSet, replicas }))
}

function inProportion(spec: DeploymentSpec, active: KubernetesObject[]): Scaling[] {
  const allowed = spec.replicas > 0 ? spec.replicas + surgeOf(spec) : 0
  const toAdd = allowed - total(active)
  const largestFirst = [...active].sort(
    (one, other) =>
      other.spec.replicas - one.spec.replicas ||
      (toAdd > 0 ? revisionOf(other) - revisionOf(one) : revisionOf(one) - revisionOf(other)),
  )
  let added = 0
  const plan = largestFirst.map((replicaSet) => {
    const share = shareOf(replicaSet, spec)
    const left = toAdd - added
    const step = toAdd > 0 ? Math.min(share, left) : Math.max(share, left)
    added += toAdd === 0 ? 0 : step
    return { replicaSet, replicas: replicaSet.spec.replicas + (toAdd === 0 ? 0 : step) }
  })
  // What rounding leaves over goes to the largest.
  plan[0]!.replicas = Math.max(0, plan[0]!.replicas + toAdd - added)
  return plan
}

/** By how many a ReplicaSet would change if it kept its share of the whole. */
function shareOf(replicaSet: KubernetesObject, spec: DeploymentSpec): number {
  const size: number = replicaSet.spec.replicas
  if (spec.replicas === 0) return -size
  const before = maxOf(replicaSet) || replicaSet.status?.replicas || size
  return Math.round((size * (spec.replicas + surgeOf(spec))) / before) - size
}

function isSaturated(current: KubernetesObject, { replicas }: DeploymentSpec): boolean {
  return (
    current.spec.replicas === replicas &&
    desiredOf(current) === replicas &&
    (current.status?.availableReplicas ?? 0) === replicas
  )
}

function changesOf(plan: Scaling[]): Scaling[] {
  return plan.filter(({ replicaSet, replicas }) => replicaSet.spec.replicas !== replicas)
}

function oldestFirst(replicaSets: KubernetesObject[]): KubernetesObject[] {
  return [...replicaSets].sort((one, other) => revisionOf(one) - revisionOf(other))
}

function total(replicaSets: KubernetesObject[]): number {
  return replicaSets.reduce((sum, { spec }) => sum + spec.replicas, 0)
}

function availableIn({ spec, status }: KubernetesObject): number {
  return Math.min(status?.availableReplicas ?? 0, spec.replicas)
}
