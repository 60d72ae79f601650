import { statfs } from 'node:fs/promises'
import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { parseQuantity } from '../quantity.ts'
import type { ContainerFields } from './container-fields.ts'
import {
  exceededLimit,
  hasStorageLimit,
  measureStorage,
  type StoragePaths,
  totalOf,
} from './storage-usage.ts'

/** A pod that runs on a node, as far as its eviction goes. */
export interface EvictablePod {
  readonly object: KubernetesObject
  storage(): StoragePaths
  /** Ends it at once; it stays as failed. */
  evict(message: string): Promise<void>
}

/** A node whose pods can be evicted. */
export interface EvictingNode {
  readonly name: string
  evictable(): EvictablePod[]
  setDiskPressure(isUnder: boolean): Promise<void>
}

export interface EvictionOptions {
  nodes: EvictingNode[]
  /** On the file system that pods write to: that of all nodes, which are one machine. */
  directory: string
  log(line: string): void
}

/** As often as a kubelet looks (its housekeeping interval): a file system tells nobody that it fills up. */
const lookEveryMs = 10_000
/** Part of the disk that has to be free (the kubelet's nodefs.available<10%). */
const leastFree = 0.1

interface Candidate {
  node: EvictingNode
  pod: EvictablePod
  bytes: number
}

/** Evicts pods that write more than they may, and where the disk is almost full those that wrote most. Returns what ends it. */
export function startEviction(options: EvictionOptions): () => void {
  const look = async () => {
    await evictByLimits(options)
    await evictByPressure(options)
  }
  let timer: NodeJS.Timeout
  const again = () => {
    timer = setTimeout(() => {
      void look()
        .catch((error) => options.log(`eviction: ${messageOf(error)}`))
        .then(again)
    }, lookEveryMs)
    timer.unref()
  }
  again()
  return () => clearTimeout(timer)
}

async function evictByLimits({ nodes }: EvictionOptions): Promise<void> {
  for (const pod of nodes.flatMap((node) => node.evictable())) {
    if (!hasStorageLimit(pod.object)) continue
    const reason = exceededLimit(pod.object, await measureStorage(pod.storage()))
    if (reason !== null) await pod.evict(reason)
  }
}

/** One pod after the other, until there is room: the node of each is under pressure until then. */
async function evictByPressure({ nodes, directory }: EvictionOptions): Promise<void> {
  const full = new Set<EvictingNode>()
  for (;;) {
    const { bavail, blocks, bsize } = await statfs(directory)
    const [available, threshold] = [bavail * bsize, Math.floor(blocks * bsize * leastFree)]
    if (available >= threshold) break
    const worst = await worstOf(nodes)
    if (!worst) break
    full.add(worst.node)
    await worst.node.setDiskPressure(true)
    await worst.pod.evict(pressureMessage(worst, { available, threshold }))
  }
  for (const node of nodes) if (!full.has(node)) await node.setDiskPressure(false)
}

/** The pod that is furthest above what it requests; pods that the cluster needs are spared. */
async function worstOf(nodes: EvictingNode[]): Promise<Candidate | undefined> {
  const pods = nodes.flatMap((node) => node.evictable().map((pod) => ({ node, pod })))
  const candidates: (Candidate & { above: number })[] = []
  for (const { node, pod } of pods.filter((each) => !isCritical(each.pod.object))) {
    const bytes = totalOf(await measureStorage(pod.storage()))
    candidates.push({ node, pod, bytes, above: bytes - requestOf(pod.object) })
  }
  return candidates.filter(({ bytes }) => bytes > 0).sort((one, other) => other.above - one.above)[0]
}

function isCritical({ metadata, spec }: KubernetesObject): boolean {
  return metadata.namespace === 'kube-system' || (spec.priority ?? 0) >= 2_000_000_000
}

function requestOf({ spec }: KubernetesObject): number {
  return (spec.containers as ContainerFields[]).reduce(
    (total, { resources }) => total + parseQuantity(resources?.requests?.['ephemeral-storage'] ?? '0'),
    0,
  )
}

/** In the kubelet's words (its eviction manager). */
function pressureMessage(
  { pod, bytes }: Candidate,
  { available, threshold }: { available: number; threshold: number },
): string {
  const [{ name }] = pod.object.spec.containers
  const kibibytes = (count: number) => `${Math.ceil(count / 1024)}Ki`
  return (
    `The node was low on resource: ephemeral-storage. Threshold quantity: ${threshold}, available: ${kibibytes(available)}. ` +
    `Container ${name} was using ${kibibytes(bytes)}, request is ${requestOf(pod.object)}, has larger consumption of ephemeral-storage. `
  )
}
