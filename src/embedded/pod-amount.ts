import { isSidecar } from '../sidecar.ts'

/**
 * What a pod's containers have together, at the moment at which they have most: containers and sidecars run at once, an
 * init container beside the sidecars before it (Kubernetes: resource sharing within containers).
 */
export function podAmount<C extends { restartPolicy?: string }>(
  { initContainers = [], containers }: { initContainers?: C[]; containers: C[] },
  amountOf: (container: C) => number,
): number {
  let sidecars = 0
  let most = 0
  for (const container of initContainers) {
    if (isSidecar(container)) sidecars += amountOf(container)
    else most = Math.max(most, sidecars + amountOf(container))
  }
  const running = containers.reduce((total, container) => total + amountOf(container), 0)
  return Math.max(most, sidecars + running)
}
