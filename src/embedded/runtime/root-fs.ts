import { cp, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { command } from '../../kernel/index.ts'
import { isWhiteout } from './images/index.ts'

/**
 * A writable root file system of read-only layers, from top to bottom, at `directory`/rootfs: overlay where the kernel
 * allows it, otherwise a copy.
 */
export async function createRootFs(
  directory: string,
  layers: string[],
  inUserNamespace: boolean,
): Promise<string> {
  const root = join(directory, 'rootfs')
  const [upper, work, empty] = ['upper', 'work', 'empty'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [directory, root, upper, work]) await mkdir(path, { recursive: true, mode: 0o755 })
  // An image may be nothing but its settings; overlay wants a layer.
  if (layers.length === 0) await mkdir(empty, { mode: 0o755 })
  const lower = layers.length === 0 ? [empty] : layers
  // Short names: the kernel takes all options in one page.
  const cwd = dirname(lower[0]!)
  const names = lower.map((layer) => relative(cwd, layer))
  const options = [`lowerdir=${names.join(':')}`, `upperdir=${upper}`, `workdir=${work}`]
  if (inUserNamespace) options.push('userxattr')
  try {
    await command(['mount', '-t', 'overlay', '-o', options.join(','), 'overlay', root], { cwd })
  } catch {
    for (const layer of lower.toReversed()) await copyOver(layer, root)
  }
  return root
}

/** Where overlay keeps what a container changes. */
export function writtenDirectory(directory: string): string {
  return join(directory, 'upper')
}

export async function removeRootFs(directory: string): Promise<void> {
  await command(['umount', '--lazy', join(directory, 'rootfs')]).catch(() => '')
  await rm(directory, { recursive: true, force: true })
}

/** What overlay would show: files replace what is below, directories are merged, whiteouts take away. */
async function copyOver(layer: string, root: string): Promise<void> {
  for (const name of await readdir(layer)) {
    const [source, target] = [join(layer, name), join(root, name)]
    const [own, below] = [await lstat(source), await lstat(target).catch(() => null)]
    const isMerged = own.isDirectory() && below?.isDirectory()
    if (below && !isMerged) await rm(target, { recursive: true })
    if (isWhiteout(own)) continue
    if (isMerged) await copyOver(source, target)
    else if (!own.isDirectory())
      await cp(source, target, { verbatimSymlinks: true, preserveTimestamps: true })
    else {
      await mkdir(target, { mode: own.mode & 0o7777 })
      await copyOver(source, target)
    }
  }
}
