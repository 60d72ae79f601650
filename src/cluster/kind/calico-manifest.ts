import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { LabError, messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { projectRoot } from '../../project-root.ts'

export interface CalicoManifest {
  objects: KubernetesObject[]
  /** Every image its pods run, once. */
  images: string[]
}

/** Calico as `manifests/calico.lock.yaml` pins it, from the cache or downloaded; or from a file of the user's. */
export async function calicoManifest(file?: string): Promise<CalicoManifest> {
  return readManifest(file === undefined ? await locked() : await fromFile(file))
}

/** Objects and images of a manifest's text. Pure. */
export function readManifest(text: string): CalicoManifest {
  const documents = parseAllDocuments(text)
  const problems = documents.flatMap(({ errors }) => errors.map(({ message }) => message))
  if (problems.length > 0) {
    throw new LabError({
      code: 'bad-input',
      message: 'the Calico manifest is no valid YAML',
      problems,
      hint: '--calico-manifest calico-vxlan.yaml',
    })
  }
  const objects = documents
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((o) => o !== null)
  const images = new Set(
    [...text.matchAll(/^\s*(?:- )?image:\s*["']?([^\s"']+)/gm)].map((match) => match[1]!),
  )
  return { objects, images: [...images] }
}

/** With felix's flows reported on their node, and soon, so that `flows` has more than samples. Pure. */
export function withFlowReporter(objects: KubernetesObject[]): KubernetesObject[] {
  const env = [
    { name: 'FELIX_FLOWLOGSLOCALREPORTER', value: 'Enabled' },
    { name: 'FELIX_FLOWLOGSFLUSHINTERVAL', value: '5' },
  ]
  return objects.map((object) => {
    if (object.kind !== 'DaemonSet' || object.metadata.name !== 'calico-node') return object
    const changed = structuredClone(object)
    for (const container of changed.spec.template.spec.containers as { name: string; env?: object[] }[]) {
      if (container.name === 'calico-node') container.env = [...(container.env ?? []), ...env]
    }
    return changed
  })
}

/** Tells one manifest from another: sha256 of the file that was given, or of what the lock file pins. */
export async function manifestDigest(file?: string): Promise<string> {
  return file === undefined ? (await lock()).manifests.vxlan!.sha256 : digest(await fromFile(file))
}

/** Where what can be had again is kept: downloads, and what is known of clusters that are kept warm. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ztlab')
}

interface Lock {
  version: string
  manifests: Record<string, { url: string; sha256: string }>
}

async function lock(): Promise<Lock> {
  return parse(await readFile(join(projectRoot(), 'manifests/calico.lock.yaml'), 'utf8')) as Lock
}

async function locked(): Promise<string> {
  const { url, sha256 } = (await lock()).manifests.vxlan!
  const folder = cacheFolder()
  const cached = join(folder, `${sha256}.yaml`)
  const kept = await readFile(cached, 'utf8').catch(() => null)
  if (kept !== null && digest(kept) === sha256) return kept
  const text = await download(url)
  if (digest(text) !== sha256) {
    throw new LabError({
      code: 'cluster-failed',
      message: `${url} is not what it was`,
      cause: `sha256 is ${digest(text)}, manifests/calico.lock.yaml says ${sha256}`,
      hint: 'give a copy that you trust: --calico-manifest FILE',
    })
  }
  await mkdir(folder, { recursive: true })
  await writeFile(cached, text)
  return text
}

async function download(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return await response.text()
  } catch (error) {
    throw new LabError({
      code: 'cluster-failed',
      message: 'the Calico manifest cannot be downloaded',
      cause: `${url}: ${messageOf(error)}`,
      hint: 'give a copy: --calico-manifest FILE; or do without policies: --cni default',
    })
  }
}

async function fromFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new LabError({
      code: 'bad-input',
      message: `the Calico manifest ${file} cannot be read`,
      cause: messageOf(error),
      hint: '--calico-manifest FILE',
    })
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
