import { chmod, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files of a volume by their paths below its directory. */
export type Payload = Map<string, { content: string | Buffer; mode: number }>

/**
 * Replaces the files of a volume all at once, as the kubelet's atomic writer does: they lie in a directory with a
 * time for a name, `..data` points at it, and every file of the volume points through `..data`.
 */
export async function writePayload(directory: string, payload: Payload): Promise<void> {
  const before = await readlink(join(directory, '..data')).catch(() => null)
  const version = `..${new Date().toISOString().replaceAll(/[-:TZ.]/g, '_')}${Math.floor(Math.random() * 1e9)}`
  await mkdir(join(directory, version), { recursive: true, mode: 0o755 })
  for (const [path, { content, mode }] of payload) {
    const file = join(directory, version, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o755 })
    await writeFile(file, content)
    await chmod(file, mode)
  }
  await symlink(version, join(directory, '..data_tmp'))
  await rename(join(directory, '..data_tmp'), join(directory, '..data'))
  await pointThrough(directory, new Set([...payload.keys()].map((path) => path.split('/')[0]!)))
  if (before) await rm(join(directory, before), { recursive: true, force: true })
}

async function pointThrough(directory: string, names: Set<string>): Promise<void> {
  const existing = new Set((await readdir(directory)).filter((name) => !name.startsWith('..')))
  for (const name of names)
    if (!existing.has(name)) await symlink(join('..data', name), join(directory, name))
  for (const name of existing) if (!names.has(name)) await rm(join(directory, name))
}
