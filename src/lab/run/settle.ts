import type { Cluster, SettleOptions } from '../../cluster/index.ts'
import type { KubeClient } from '../../kube/index.ts'

/** Waits until every node enforces all that has been written so far; returns how long that took, in ms. */
export async function settle({
  kube,
  cluster,
  prove,
  changed,
  signal,
}: SettleOptions & { kube: KubeClient; cluster: Cluster }): Promise<number> {
  const started = performance.now()
  await cluster.settled(await latestRevision(kube, signal), { prove, changed, signal })
  return Math.round(performance.now() - started)
}

/** The API's revision now. Deletions have no object to read it from; the answer to any list carries it. */
async function latestRevision(kube: KubeClient, signal?: AbortSignal): Promise<string> {
  const list = JSON.parse(await kube.raw('/api/v1/namespaces?limit=1', { signal })) as {
    metadata: { resourceVersion: string }
  }
  return list.metadata.resourceVersion
}
