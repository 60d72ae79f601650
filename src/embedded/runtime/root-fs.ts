import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../../kernel/index.ts'

/**
 * A writable root file system of read-only layers, at `directory`/rootfs: overlay where the kernel allows it,
 * otherwise a copy.
 */
export async function createRootFs(
  directory: string,
  layers: string[],
  inUserNamespace: boolean,
): Promise<string> {
  const root = join(directory, 'rootfs')
  const [upper, work] = [join(directory, 'upper'), join(directory, 'work')]
  for (const path of [directory, root, upper, work]) await mkdir(path, { recursive: true, mode: 0o755 })
  const options = [`lowerdir=${layers.join(':')}`, `upperdir=${upper}`, `workdir=${work}`]
  if (inUserNamespace) options.push('userxattr')
  try {
    await command(['mount', '-t', 'overlay', '-o', options.join(','), 'overlay', root])
  } catch {
    for (const layer of layers.toReversed())
      await cp(layer, root, { recursive: true, verbatimSymlinks: true, force: true })
  }
  return root
}

export async function removeRootFs(directory: string): Promise<void> {
  await command(['umount', '--lazy', join(directory, 'rootfs')]).catch(() => '')
  await rm(directory, { recursive: true, force: true })
}
