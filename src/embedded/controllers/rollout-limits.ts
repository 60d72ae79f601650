import { resolvePercent } from './int-or-percent.ts'

// biome-ignore lint/suspicious/noExplicitAny: a Deployment's spec
export type DeploymentSpec = any

/** How many pods there may be beyond `replicas`. */
export function surgeOf(spec: DeploymentSpec): number {
  return limits(spec).surge
}

/** How many of `replicas` may be missing. */
export function mostUnavailable(spec: DeploymentSpec): number {
  return Math.min(limits(spec).unavailable, spec.replicas)
}

function limits({ replicas, strategy }: DeploymentSpec): { surge: number; unavailable: number } {
  if (strategy.type === 'Recreate') return { surge: 0, unavailable: 0 }
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate
  const surge = resolvePercent(maxSurge, replicas, Math.ceil)
  const unavailable = resolvePercent(maxUnavailable, replicas, Math.floor)
  // Both zero would never move.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}
