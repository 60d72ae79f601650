import type { KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'

/** Objects that are there and ready for as long as `use` takes. */
export async function withObjects(
  objects: KubernetesObject[],
  kube: KubeClient,
  use: () => Promise<void>,
): Promise<void> {
  try {
    await kube.apply(objects)
    await kube.waitReady(objects)
    await use()
  } finally {
    await kube.delete(objects, { gracePeriodSeconds: 0 })
  }
}
