import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, copyFile, lchown, link, lstat, lutimes, mkdir, rm, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { LabError, messageOf } from '../../../errors.ts'
import { readTar, type TarEntry } from '../../../tar.ts'
import { type LayerTree, partsOf } from './layer-tree.ts'

export interface UnpackedLayer {
  /** sha256 of the archive, in hex: the layer's diff ID. */
  digest: string
  sizeBytes: number
}

const whiteoutPrefix = '.wh.'
const opaqueMarker = '.wh..wh..opq'

/**
 * Unpacks a layer of an image into its tree (OCI image specification, "Image Layer Filesystem Changeset"): whiteouts
 * take away what is below, devices are left out (a container has its own /dev). Throws `bad-input` for an entry that
 * would leave the tree and for an archive that cannot be read.
 */
export async function unpackLayer(stream: AsyncIterable<Buffer>, tree: LayerTree): Promise<UnpackedLayer> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      hash.update(chunk)
      sizeBytes += chunk.length
      yield chunk
    }
  }
  const writer = new LayerWriter(tree)
  try {
    for await (const entry of readTar(counted())) await writer.take(entry)
    await writer.finish()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw noSpace()
    throw new LabError({ code: 'bad-input', message: 'a layer cannot be unpacked', cause: messageOf(error) })
  }
  return { digest: hash.digest('hex'), sizeBytes }
}

function noSpace(): LabError {
  return new LabError({
    code: 'cluster-failed',
    message: 'no space is left for a layer on the nodes',
    cause: 'images of the embedded cluster lie in memory, half of it at most',
    hint: 'use a smaller image',
  })
}

class LayerWriter {
  private readonly hidden: string[][] = []
  private readonly opaque: string[][] = []
  private readonly directoryTimes: [path: string, mtime: Date][] = []

  constructor(private readonly tree: LayerTree) {}

  async take(entry: TarEntry): Promise<void> {
    const parts = safeParts(entry.path)
    const name = parts.pop()
    if (name === undefined) return
    const parent = await this.tree.directory(parts)
    if (name === opaqueMarker) this.opaque.push(parent)
    // Other names of this kind are notes of a union file system to itself.
    else if (name.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`)) return
    else if (name.startsWith(whiteoutPrefix)) this.hidden.push([...parent, name.slice(whiteoutPrefix.length)])
    else await this.write(entry, [...parent, name])
  }

  /** Only now is it known what of the layers below this one has anew. */
  async finish(): Promise<void> {
    for (const parts of this.opaque) await this.tree.hideChildren(parts)
    for (const parts of this.hidden) await this.tree.hide(parts)
    for (const [path, mtime] of this.directoryTimes.toReversed()) await utimes(path, mtime, mtime)
  }

  private async write(entry: TarEntry, parts: string[]): Promise<void> {
    if (entry.type === 'other') return
    const path = this.tree.own(parts)
    const there = await lstat(path).catch(() => null)
    if (there && !(there.isDirectory() && entry.type === 'directory')) await rm(path, { recursive: true })
    if (entry.type === 'link') return this.writeLink(entry, path)
    if (entry.type === 'directory') await mkdir(path, { recursive: true })
    else if (entry.type === 'symlink') await symlink(entry.linkPath, path)
    else await pipeline(Readable.from(entry.body()), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    await own(path, entry)
    if (entry.type === 'symlink') await lutimes(path, entry.mtime, entry.mtime)
    else await chmod(path, entry.mode)
    if (entry.type === 'directory') this.directoryTimes.push([path, entry.mtime])
    if (entry.type === 'file') await utimes(path, entry.mtime, entry.mtime)
  }

  /** Another name of a file: of this layer, or a copy where it lies below. */
  private async writeLink(entry: TarEntry, path: string): Promise<void> {
    const target = safeParts(entry.linkPath)
    const name = target.pop()
    if (name === undefined) throw new Error(`${entry.path} is a link to nothing`)
    const parts = [...(await this.tree.directory(target)), name]
    const own = this.tree.own(parts)
    if (await lstat(own).catch(() => null)) return link(own, path)
    const below = await this.tree.below(parts)
    if (!below?.stats.isFile())
      throw new Error(`${entry.path} is a link to ${entry.linkPath}, which is no file`)
    await copyFile(join(below.layer, ...parts), path)
    await lchown(path, below.stats.uid, below.stats.gid)
    await chmod(path, below.stats.mode & 0o7777)
  }
}

/** A path that begins at the image's root and stays below it. */
function safeParts(path: string): string[] {
  const parts = partsOf(path)
  if (parts.includes('..') || path.includes('\0')) throw new Error(`${path} leads out of the image: refused`)
  return parts
}

/** Where one user ID alone is mapped, all files are its own. */
async function own(path: string, { uid, gid }: TarEntry): Promise<void> {
  await lchown(path, uid, gid).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EINVAL' && error.code !== 'EPERM') throw error
  })
}
