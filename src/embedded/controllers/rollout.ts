import type { KubernetesObject } from '../../kubernetes-object.ts'

/** What one ReplicaSet is to be scaled to. */
export interface Scaling {
  replicaSet: KubernetesObject
  replicas: number
}

/**
 * The next step of a rollout: never more pods than `maxSurge` allows and never fewer available ones than
 * `maxUnavailable` allows (apps/v1 DeploymentStrategy). Empty once it is done, or while pods have to become ready.
 */
export function planRollout(
  deployment: KubernetesObject,
  current: KubernetesObject,
  old: KubernetesObject[],
): Scaling[] {
  const { replicas, strategy } = deployment.spec
  const plan =
    strategy.type === 'Recreate'
      ? recreate(replicas, current, old)
      : rollingUpdate(replicas, limits(replicas, strategy.rollingUpdate), current, old)
  return plan.filter(({ replicaSet, replicas: wanted }) => replicaSet.spec.replicas !== wanted)
}

interface Limits {
  surge: number
  unavailable: number
}

function recreate(replicas: number, current: KubernetesObject, old: KubernetesObject[]): Scaling[] {
  const stopping = old.map((replicaSet) => ({ replicaSet, replicas: 0 }))
  const isStopped = old.every(({ spec, status }) => spec.replicas === 0 && !status?.replicas)
  return isStopped ? [{ replicaSet: current, replicas }] : stopping
}

function rollingUpdate(
  replicas: number,
  { surge, unavailable }: Limits,
  current: KubernetesObject,
  old: KubernetesObject[],
): Scaling[] {
  const oldTotal = old.reduce((total, { spec }) => total + spec.replicas, 0)
  const room = Math.max(0, replicas + surge - oldTotal)
  const next = Math.min(replicas, Math.max(Math.min(current.spec.replicas, replicas), room))
  const plan: Scaling[] = [{ replicaSet: current, replicas: next }]
  const available = (each: KubernetesObject) =>
    Math.min(each.status?.availableReplicas ?? 0, each.spec.replicas)
  let removable =
    old.reduce((total, each) => total + available(each), 0) + available(current) - (replicas - unavailable)
  for (const replicaSet of old) {
    // What is not available anyway can go without making anything worse.
    const broken = replicaSet.spec.replicas - available(replicaSet)
    const going = Math.min(available(replicaSet), Math.max(0, removable))
    removable -= going
    plan.push({ replicaSet, replicas: replicaSet.spec.replicas - broken - going })
  }
  return plan
}

function limits(
  replicas: number,
  update: { maxSurge: number | string; maxUnavailable: number | string },
): Limits {
  const surge = resolve(update.maxSurge, replicas, Math.ceil)
  const unavailable = resolve(update.maxUnavailable, replicas, Math.floor)
  // Both zero would never move.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

function resolve(value: number | string, replicas: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) / 100) * replicas)
}
