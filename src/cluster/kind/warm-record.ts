import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ClusterSpec } from '../cluster.ts'
import { cacheFolder, manifestDigest } from './calico-manifest.ts'
import type { Listing } from './listing.ts'

/** What is known of a cluster that is kept warm. */
export interface WarmRecord {
  /** What was asked for when it was made. */
  shape: string
  /** UID of its namespace kube-system, which tells it from another of the same name. */
  id: string
  /** All its objects when it was made. */
  listing: Listing
}

/** Two runs that ask for the same shape may have the same cluster. Images are none of it: they are loaded when they lack. */
export async function shapeOf({ nodes, nodeImage, cni, calicoManifest }: ClusterSpec): Promise<string> {
  const manifest = cni === 'default' ? null : await manifestDigest(calicoManifest)
  return JSON.stringify({ nodes, nodeImage: nodeImage ?? null, cni: cni ?? null, manifest })
}

export function recordFile(name: string): string {
  return join(cacheFolder(), 'kind', `${name}.json`)
}

/** Null where nothing that can be read is known. */
export async function readRecord(name: string): Promise<WarmRecord | null> {
  try {
    return JSON.parse(await readFile(recordFile(name), 'utf8')) as WarmRecord
  } catch {
    return null
  }
}

export async function writeRecord(name: string, record: WarmRecord): Promise<void> {
  await mkdir(dirname(recordFile(name)), { recursive: true })
  await writeFile(recordFile(name), JSON.stringify(record), { mode: 0o600 })
}
