import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../errors.ts'
import { connectKube, type KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Cluster, ClusterSpec, Progress } from '../cluster.ts'
import { deleteLeftovers } from '../leftovers.ts'
import { nodesOf } from '../nodes.ts'
import { create } from './create.ts'
import { chooseImages, loadImages } from './images.ts'
import { deleteCluster, kindName, listClusters } from './kind-clusters.ts'
import { changesSince, type Listing, listEverything } from './listing.ts'
import { createKindCanary, open } from './open.ts'
import { takeLock } from './run-lock.ts'
import { readRecord, recordFile, shapeOf, type WarmRecord, writeRecord } from './warm-record.ts'

/**
 * The cluster that earlier runs left warm, one for each number of nodes: reset, and proven to hold what it held when it
 * was made. It is made anew where there is none, where another shape is asked for, and where that proof fails. A run
 * that finds it in use, or made by somebody else, gets a cluster of its own, which ends with it.
 */
export async function takeWarm(
  spec: ClusterSpec,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Cluster> {
  const name = `warm-${spec.nodes}`
  const release = takeLock(`${recordFile(name)}.lock`)
  if (release === null) {
    progress.note(`cluster ${name} is in use by another run; this one gets its own`)
    return (await create(spec, progress, signal)).cluster
  }
  try {
    const cluster = await warmOrNew({ ...spec, name }, progress, signal)
    if (cluster) return releasedOnClose(cluster, release)
  } catch (error) {
    release()
    throw error
  }
  release()
  progress.note(`cluster ${name} was not made by you; this run gets its own`)
  return (await create(spec, progress, signal)).cluster
}

/** Null where a cluster of that name is there that these files know nothing of. */
async function warmOrNew(
  spec: ClusterSpec,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Cluster | null> {
  if (!(await listClusters()).includes(spec.name)) return makeWarm(spec, progress, signal)
  const record = await readRecord(spec.name)
  if (record === null) return null
  const title = `kind cluster ${kindName(spec.name)}, kept warm: reset, and proven clean`
  const { cluster, why } = await progress.step(title, () => reset(spec, record, signal))
  if (cluster) return cluster
  progress.warn(`cluster ${spec.name} is made anew: ${why.slice(0, 5).join('; ')}`)
  await progress.step(`deleting kind cluster ${kindName(spec.name)}`, () => deleteCluster(spec.name))
  return makeWarm(spec, progress, signal)
}

async function makeWarm(spec: ClusterSpec, progress: Progress, signal?: AbortSignal): Promise<Cluster> {
  const { cluster, calico } = await create({ ...spec, detached: true }, progress, signal)
  // What had to do without Calico is not what the next run will ask for.
  if (!calico && spec.cni !== 'default') {
    return { ...cluster, close: () => cluster.close().then(() => deleteCluster(spec.name)) }
  }
  await progress.step('a listing of all objects, to tell later whether it is clean', () =>
    withKube(cluster, async (kube) => {
      await kube.waitReady(await essentials(kube), { timeoutMs: 120_000, ...(signal && { signal }) })
      const listing = await stillListing(kube)
      await writeRecord(spec.name, { shape: await shapeOf(spec), id: await idOf(kube), listing })
    }),
  )
  return cluster
}

interface Reset {
  /** Null where it cannot be used as it is. */
  cluster: Cluster | null
  why: string[]
}

/** Deletes what runs made, and compares what is there with what was there at first. */
async function reset(spec: ClusterSpec, record: WarmRecord, signal?: AbortSignal): Promise<Reset> {
  if (record.shape !== (await shapeOf(spec))) return { cluster: null, why: ['another shape is asked for'] }
  try {
    const cluster = await open(spec.name)
    const why = await withKube(cluster, async (kube) => {
      await kube.raw('/readyz', { timeoutMs: 10_000 })
      if ((await idOf(kube)) !== record.id) return ['it is another cluster of that name']
      await deleteLeftovers(kube, { all: true })
      await createKindCanary(async () => kube).rest(signal)
      const wanted = await chooseImages({ given: spec.loadImages ?? [], calico: [] })
      const nodes = (await nodesOf(kube)).length
      await loadImages({ name: spec.name, nodes }, wanted, signal ?? new AbortController().signal)
      await kube.waitReady(await essentials(kube), { timeoutMs: 30_000, ...(signal && { signal }) })
      return changesLeft(kube, record.listing)
    })
    return { cluster: why.length === 0 ? cluster : null, why }
  } catch (error) {
    if (signal?.aborted) throw error
    return { cluster: null, why: [messageOf(error)] }
  }
}

/** A pod that was deleted by force may leave its address a moment later. */
const cleanWithinMs = 20_000

async function changesLeft(kube: KubeClient, before: Listing): Promise<string[]> {
  const deadline = performance.now() + cleanWithinMs
  for (;;) {
    const changes = changesSince(before, await listEverything(kube))
    if (changes.length === 0 || performance.now() > deadline) return changes
    await sleep(200)
  }
}

/** Once two listings, one after the other, say the same: controllers have written what a new cluster makes them write. */
async function stillListing(kube: KubeClient): Promise<Listing> {
  const deadline = performance.now() + cleanWithinMs
  let last = await listEverything(kube)
  for (;;) {
    await sleep(250)
    const now = await listEverything(kube)
    if (changesSince(last, now).length === 0 || performance.now() > deadline) return now
    last = now
  }
}

/** What a cluster of ours cannot be without. */
async function essentials(kube: KubeClient): Promise<KubernetesObject[]> {
  const [nodes, workloads] = await Promise.all([
    kube.list('v1', 'Node'),
    Promise.all(
      ['Deployment', 'DaemonSet'].map((kind) => kube.list('apps/v1', kind, { namespace: 'kube-system' })),
    ),
  ])
  return [...nodes, ...workloads.flat()]
}

async function idOf(kube: KubeClient): Promise<string> {
  return String((await kube.get('v1', 'Namespace', 'kube-system'))?.metadata.uid)
}

async function withKube<T>({ kubeconfig }: Cluster, use: (kube: KubeClient) => Promise<T>): Promise<T> {
  const kube = await connectKube(kubeconfig)
  try {
    return await use(kube)
  } finally {
    kube.close()
  }
}

function releasedOnClose(cluster: Cluster, release: () => void): Cluster {
  return {
    ...cluster,
    async close() {
      try {
        await cluster.close()
      } finally {
        release()
      }
    },
  }
}
