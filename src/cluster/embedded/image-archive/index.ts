import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { pipeline as piped } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { LabError, messageOf } from '../../../errors.ts'
import { readTar } from '../../../tar.ts'
import type { ArchivedImage } from './image-file.ts'
import { readLayout } from './layout.ts'

export type { ArchivedImage, ArchivedLayer, ImageConfig } from './image-file.ts'

/**
 * The images of a `docker save` archive or an OCI image layout, as a folder or an archive of one, also gzipped; an
 * archive is unpacked into a folder that ends with `use`. Throws `bad-input` where it is none or is damaged.
 */
export async function withImages<T>(
  source: string,
  use: (images: ArchivedImage[]) => Promise<T>,
): Promise<T> {
  if (isFolder(source)) return use(await readLayout(source))
  const folder = await makeFolder()
  try {
    await unpackArchive(source, folder)
    return await use(await readLayout(folder))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isFolder(source: string): boolean {
  try {
    return statSync(source).isDirectory()
  } catch (error) {
    throw new LabError({
      code: 'bad-input',
      message: `${source} cannot be read`,
      cause: messageOf(error),
      hint: 'docker save IMAGE > image.tar',
    })
  }
}

async function makeFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'ztlab-images-'))
  } catch (error) {
    throw new LabError({
      code: 'missing-permission',
      message: `no archive can be unpacked in ${tmpdir()}`,
      cause: messageOf(error),
      hint: 'TMPDIR="$HOME" ztlab cluster load ARCHIVE',
    })
  }
}

function inside(folder: string, path: string): string {
  const whole = join(folder, path)
  if (!whole.startsWith(`${folder}/`)) throw new Error(`${path} leads out of it: refused`)
  return whole
}

async function unpackArchive(source: string, folder: string): Promise<void> {
  const file = await open(source)
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
  await file.close()
  const isGzipped = buffer[0] === 0x1f && buffer[1] === 0x8b
  const bytes = pipeline(
    createReadStream(source),
    isGzipped ? createGunzip() : new PassThrough(),
    () => undefined,
  )
  try {
    const links: [path: string, target: string][] = []
    for await (const { path, type, linkPath, body } of readTar(bytes)) {
      if (type === 'symlink')
        links.push([inside(folder, path), inside(folder, join(dirname(path), linkPath))])
      if (type !== 'file') continue
      const target = inside(folder, path)
      await mkdir(dirname(target), { recursive: true })
      await piped(Readable.from(body()), createWriteStream(target, { mode: 0o600 }))
    }
    // Older versions of Docker link a layer that two images share.
    for (const [path, target] of links) await copyFile(target, path)
  } catch (error) {
    throw new LabError({
      code: 'bad-input',
      message: `${source} is no image archive`,
      cause: messageOf(error),
      hint: 'docker save IMAGE > image.tar',
    })
  }
}
