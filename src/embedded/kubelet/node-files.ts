import type { Stats } from 'node:fs'
import { chmod, mkdir, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { ContainerConfigError } from './container-fields.ts'

/** What every machine has, so that what expects it finds it. */
const folders = [
  'bin',
  'boot',
  'dev',
  'etc',
  'home',
  'lib',
  'media',
  'mnt',
  'opt',
  'root',
  'run',
  'sbin',
  'srv',
]
const openFolders = ['tmp', 'var/tmp']
const deepFolders = ['usr/bin', 'usr/lib', 'usr/local', 'usr/share', 'var/lib', 'var/log', 'var/run']

/** The machine's own, which a node has in common with it: the kernel's view of itself is there to be read. */
const machine = ['/proc', '/sys', '/lib/modules']
/** Files of the cluster's DNS, the same for all nodes. */
const shared = ['/run/coredns']

export interface NodePath {
  path: string
  readonly: boolean
}

const checks = {
  Directory: { is: 'a directory', holds: (file: Stats) => file.isDirectory() },
  File: { is: 'a file', holds: (file: Stats) => file.isFile() },
  Socket: { is: 'a socket file', holds: (file: Stats) => file.isSocket() },
  CharDevice: {
    is: 'a character device',
    holds: (file: Stats) => file.isCharacterDevice(),
  },
  BlockDevice: { is: 'a block device', holds: (file: Stats) => file.isBlockDevice() },
}

/**
 * A node's own file system, which hostPath volumes see: empty but for the usual folders, and gone with the cluster. What
 * pods write there is not on this machine's disk, and nothing of this machine's is in it.
 */
export class NodeFiles {
  private made: Promise<void> | null = null

  constructor(private readonly root: string) {}

  /** Where a hostPath volume is. Throws `ContainerConfigError` for one that is not of its type. */
  async hostPath({ path, type = '' }: { path: string; type?: string }): Promise<NodePath> {
    this.made ??= this.make()
    await this.made
    const isOf = (prefixes: string[]) => prefixes.some((each) => path === each || path.startsWith(`${each}/`))
    if (isOf(machine)) return { path, readonly: true }
    const whole = isOf(shared) ? path : await this.inside(path, type)
    await check(whole, path, type)
    return { path: whole, readonly: false }
  }

  /** The path below the node's root; made where its type says so, or where it says nothing (as containerd does). */
  private async inside(path: string, type: string): Promise<string> {
    const whole = join(this.root, join('/', path))
    const isThere = await stat(whole).then(
      () => true,
      () => false,
    )
    const makesFile = type === 'FileOrCreate'
    if (!isThere && (type === '' || type === 'DirectoryOrCreate' || makesFile)) {
      await this.demandInside(await firstThere(whole), path)
      await mkdir(makesFile ? dirname(whole) : whole, { recursive: true, mode: 0o755 })
      if (makesFile) await writeFile(whole, '', { mode: 0o644 })
    }
    const real = await realpath(whole).catch(() => null)
    if (real === null) return whole
    await this.demandInside(real, path)
    return real
  }

  /** A symbolic link that a pod has left may not lead out. */
  private async demandInside(real: string, path: string): Promise<void> {
    const way = relative(await realpath(this.root), await realpath(real))
    if (way === '..' || way.startsWith('../'))
      throw new ContainerConfigError(`hostPath ${path} leads out of the node's file system`)
  }

  private async make(): Promise<void> {
    for (const folder of [...folders, ...deepFolders])
      await mkdir(join(this.root, folder), { recursive: true, mode: 0o755 })
    for (const folder of openFolders) {
      await mkdir(join(this.root, folder), { recursive: true })
      await chmod(join(this.root, folder), 0o1777)
    }
  }
}

/** The longest part of a path that exists. */
async function firstThere(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if (at === '/' || (await realpath(at).catch(() => null)) !== null) return at
  }
}

async function check(whole: string, path: string, type: string): Promise<void> {
  const wanted = type.replace(/OrCreate$/, '') as keyof typeof checks | ''
  if (wanted === '') return
  const file = await stat(whole).catch(() => null)
  if (file && checks[wanted].holds(file)) return
  throw new ContainerConfigError(`hostPath type check failed: ${path} is not ${checks[wanted].is}`)
}
