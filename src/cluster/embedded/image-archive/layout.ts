import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { PassThrough, pipeline, type Readable, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { LabError, messageOf } from '../../../errors.ts'
import type { ArchivedImage, ArchivedLayer, ImageConfig } from './image-file.ts'

interface Descriptor {
  mediaType?: string
  digest: string
  platform?: { architecture?: string; os?: string }
  annotations?: Record<string, string>
}

/** Go's name of this machine's architecture, which images use. */
const architecture = { x64: 'amd64', ia32: '386' }[arch() as string] ?? arch()

/**
 * The images of a folder that is an OCI image layout or what `docker save` writes, unpacked. Every digest is checked.
 * Throws `bad-input` for a folder that is neither, or is damaged.
 */
export async function readLayout(folder: string): Promise<ArchivedImage[]> {
  try {
    const files = await readdir(folder)
    // Docker writes both since version 25; the names with their repository are in its own file.
    if (files.includes('manifest.json')) return await readDockerImages(folder)
    if (files.includes('index.json')) return await readOciImages(folder)
  } catch (error) {
    throw unreadable(folder, messageOf(error))
  }
  throw unreadable(
    folder,
    'it has neither an index.json (OCI image layout) nor a manifest.json (docker save)',
  )
}

async function readDockerImages(folder: string): Promise<ArchivedImage[]> {
  const manifest: { Config: string; RepoTags?: string[] | null; Layers: string[] }[] = JSON.parse(
    await readFile(inside(folder, 'manifest.json'), 'utf8'),
  )
  return Promise.all(
    manifest.map(async ({ Config, RepoTags, Layers }) => {
      const bytes = await readFile(inside(folder, Config))
      const id = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      const named = /([0-9a-f]{64})(\.json)?$/.exec(Config)?.[1]
      if (named && id !== `sha256:${named}`) throw damaged(`sha256:${named}`, id)
      const paths = Layers.map((path) => inside(folder, path))
      return archived({ names: RepoTags ?? [], id, config: JSON.parse(bytes.toString()), paths })
    }),
  )
}

async function readOciImages(folder: string): Promise<ArchivedImage[]> {
  const index: { manifests: Descriptor[] } = JSON.parse(await readFile(inside(folder, 'index.json'), 'utf8'))
  const images = index.manifests.map(async (descriptor) => {
    const manifest = await manifestOf(folder, descriptor)
    const config: ImageConfig = JSON.parse((await blob(folder, manifest.config.digest)).toString())
    for (const layer of manifest.layers) await checkBlob(folder, layer.digest)
    const paths = manifest.layers.map(({ digest }) => blobPath(folder, digest))
    return archived({ names: namesOf(descriptor), id: manifest.config.digest, config, paths })
  })
  return Promise.all(images)
}

/** Of an image for several platforms, the one for this machine. */
async function manifestOf(
  folder: string,
  descriptor: Descriptor,
): Promise<{ config: Descriptor; layers: Descriptor[] }> {
  const content = JSON.parse((await blob(folder, descriptor.digest)).toString())
  if (!content.manifests) return content
  const platforms: Descriptor[] = content.manifests
  const ours = platforms.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  )
  if (ours) return manifestOf(folder, ours)
  const known = platforms.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(', ')
  throw new Error(`it has no image for linux/${architecture}, only for ${known}`)
}

/** As containerd and skopeo write them; a bare tag names nothing. */
function namesOf({ annotations = {} }: Descriptor): string[] {
  const name =
    annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'] ?? ''
  return /[/:]/.test(name) ? [name] : []
}

function archived(image: Omit<ArchivedImage, 'layers'> & { paths: string[] }): ArchivedImage {
  const { paths, config, ...rest } = image
  const diffIds = config.rootfs?.diff_ids ?? []
  if (diffIds.length !== paths.length)
    throw new Error(`its configuration names ${diffIds.length} layers and it has ${paths.length}`)
  if (config.architecture && config.architecture !== architecture)
    throw new Error(`it is for ${config.os}/${config.architecture} and this machine is ${architecture}`)
  const layers = paths.map(
    (path, index): ArchivedLayer => ({ diffId: diffIds[index]!, open: () => unpacked(path) }),
  )
  return { ...rest, config, layers }
}

/** By its first bytes, since media types are often wrong. */
async function unpacked(path: string): Promise<Readable> {
  const file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
  await file.close()
  const decompressor = decompressorFor(buffer)
  return pipeline(createReadStream(path), decompressor, () => undefined)
}

function decompressorFor(magic: Buffer): Transform {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return zlib.createGunzip()
  if (magic.readUInt32LE(0) !== 0xfd2fb528) return new PassThrough()
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform }
  if (createZstdDecompress) return createZstdDecompress()
  throw new Error(
    'its layers are compressed with zstd, which Node reads from version 22.15 on: save it with gzip',
  )
}

async function blob(folder: string, digest: string): Promise<Buffer> {
  await checkBlob(folder, digest)
  return readFile(blobPath(folder, digest))
}

async function checkBlob(folder: string, digest: string): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(blobPath(folder, digest))) hash.update(chunk)
  const found = `sha256:${hash.digest('hex')}`
  if (found !== digest) throw damaged(digest, found)
}

function blobPath(folder: string, digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${digest} is no sha256 digest`)
  return join(folder, 'blobs/sha256', digest.slice(7))
}

/** A path that a manifest gives: it cannot leave the folder. */
function inside(folder: string, path: string): string {
  if (path.split('/').includes('..') || path.startsWith('/'))
    throw new Error(`${path} leads out of it: refused`)
  return join(folder, path)
}

function damaged(wanted: string, found: string): Error {
  return new Error(`${wanted} is damaged: its content is ${found}`)
}

function unreadable(folder: string, why: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${folder} is no image that can be loaded`,
    cause: why,
    hint: 'docker save IMAGE > image.tar',
  })
}
