import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'

const cgroupRoot = '/sys/fs/cgroup'
const ownFolder = 'ztlab'

/** What limits of containers need; a machine may give away some of them alone. */
const limiting = ['cpu', 'memory', 'pids']

/** How this machine lets us limit and count resources. */
export interface CgroupAccess {
  version: 1 | 2 | null
  /** Path below every hierarchy's root under which the cluster's cgroups live; null where none can be made. */
  parent: string | null
  /** Those of cpu, memory and pids that can be limited there. */
  controllers: string[]
  /** Why there is no parent, or why a controller is missing. */
  reason: string
}

export interface CgroupOptions {
  uid?: number
  /** Path of a cgroup (version 2) that was given to this user. */
  delegated?: string
  /** Why none was given. */
  refusal?: string
}

/** Where a cluster's cgroups may be made: below the root's own, or in one that was delegated to an ordinary user. */
export function cgroupAccess(cluster: string, options: CgroupOptions = {}): CgroupAccess {
  const { uid = process.getuid?.() ?? 0, delegated, refusal } = options
  const version = cgroupVersion()
  const none = (reason: string) => ({ version, parent: null, controllers: [], reason })
  if (version === null) return none('no cgroup file system at /sys/fs/cgroup')
  if (delegated) return withControllers(2, delegated)
  if (uid !== 0 || inUserNamespace()) {
    const how = version === 1 ? 'version 1 cannot be delegated' : 'none was delegated to this user'
    return none(`cgroups belong to root and ${how}${refusal ? ` (${refusal})` : ''}`)
  }
  const locked = hierarchies().filter((path) => !isWritable(path))
  if (locked.length > 0) return none(`${locked[0]} cannot be written`)
  return withControllers(version, `/${ownFolder}/${cluster}`)
}

/**
 * Why no cgroup could be had by this user, null where it looks as if one can; makes nothing. Whether systemd really
 * delegates one, and with which controllers, only asking tells.
 */
export function cgroupObstacle(uid = process.getuid?.() ?? 0): string | null {
  const version = cgroupVersion()
  if (version === null) return 'no cgroup file system at /sys/fs/cgroup'
  if (uid === 0 && !inUserNamespace()) {
    const locked = hierarchies().find((path) => !isWritable(path))
    return locked ? `${locked} cannot be written` : null
  }
  if (version === 1) return 'cgroups belong to root and version 1 cannot be delegated'
  return existsSync(`/run/user/${uid}/systemd/private`)
    ? null
    : 'no systemd of this user that delegates a cgroup'
}

function withControllers(version: 1 | 2, parent: string): CgroupAccess {
  const refusal = version === 2 ? handDown(parent) : null
  const there =
    version === 1
      ? hierarchies().map((path) => path.slice(cgroupRoot.length + 1))
      : readOr(join(cgroupRoot, parent, 'cgroup.subtree_control'), '')
          .trim()
          .split(' ')
  // Where two controllers are mounted together, their folder is called after both.
  const controllers = limiting.filter((name) => there.some((each) => each.split(',').includes(name)))
  const missing = limiting.filter((name) => !controllers.includes(name))
  const reason = missing.length === 0 ? '' : `${missing.join(', ')} cannot be limited in ${parent}`
  if (controllers.length > 0) return { version, parent, controllers, reason }
  return { version, parent: null, controllers, reason: refusal ?? reason }
}

/** Gives a cgroup and those above it the controllers that limit; null, or what the kernel said last. */
function handDown(parent: string): string | null {
  let refusal: string | null = null
  const names = parent.split('/').filter(Boolean)
  for (let depth = 0; depth <= names.length; depth++) {
    const path = join(cgroupRoot, ...names.slice(0, depth))
    try {
      mkdirSync(path, { recursive: true })
      for (const name of limiting) writeFileSync(join(path, 'cgroup.subtree_control'), `+${name}`)
    } catch (error) {
      // Above what was delegated nothing is ours to write, and need not be.
      refusal = `${path}: ${messageOf(error)}`
    }
  }
  return refusal
}

/**
 * Removes the cgroups of a cluster, by their mark alone: the kernel reaps processes but not cgroup folders. As long as
 * processes live in some of them it removes none, and returns those: what is empty may be for a pod that another
 * cluster of this name, in another state directory, is about to start.
 */
export function sweepCgroups(cluster: string): string[] {
  const trees = hierarchies().map((path) => join(path, ownFolder, cluster))
  const inhabited = trees.flatMap(inhabitedIn)
  if (inhabited.length > 0) return inhabited
  const left = trees.flatMap(removeTree)
  for (const path of hierarchies()) removeFolder(join(path, ownFolder))
  return left
}

/** Removes one cgroup of ours and those below it, e.g. a pod's; what still holds processes stays for the sweep. */
export function removeCgroup(path: string): void {
  if (!isOurs(path)) return
  for (const hierarchy of hierarchies()) removeTree(join(hierarchy, path))
}

/** How many processes of a cgroup of ours the kernel has killed for want of memory; 0 where nothing counts them. */
export function oomKills(path: string): number {
  const files = hierarchies().flatMap((hierarchy) =>
    ['memory.events', 'memory.oom_control'].map((name) => join(hierarchy, path, name)),
  )
  const counts = files.map((file) => Number(/^oom_kill (\d+)/m.exec(readOr(file, ''))?.[1] ?? 0))
  return Math.max(0, ...counts)
}

export interface CgroupLimits {
  /** 1024 for each processor that is asked for. */
  cpuShares: number
  /** Microseconds of each 100,000; null for no limit. */
  cpuQuota?: number | null
  memoryBytes?: number | null
  /** How many processes and threads; null for no limit. */
  pids?: number | null
}

/** Limits a cgroup of ours that exists, on either version. A controller that is not there limits nothing. */
export function setCgroupLimits(path: string, limits: CgroupLimits): void {
  const { cpuShares, cpuQuota, memoryBytes, pids } = limits
  if (!isOurs(path)) return
  const values: [file: string, value: string][] =
    cgroupVersion() === 2
      ? [
          // runc's own conversion of shares (2 to 262144) to weights (1 to 10000).
          ['cpu.weight', String(1 + Math.floor(((cpuShares - 2) * 9999) / 262142))],
          ['cpu.max', `${cpuQuota ?? 'max'} 100000`],
          ['memory.max', String(memoryBytes ?? 'max')],
        ]
      : [
          ['cpu.shares', String(cpuShares)],
          ['cpu.cfs_quota_us', String(cpuQuota ?? -1)],
          ['memory.limit_in_bytes', String(memoryBytes ?? -1)],
        ]
  values.push(['pids.max', String(pids ?? 'max')])
  for (const [file, value] of values) {
    for (const hierarchy of hierarchies()) {
      const target = join(hierarchy, path, file)
      if (existsSync(target)) writeFileSync(target, value)
    }
  }
}

/** Makes a cgroup of ours in every hierarchy, with the controllers that limit. */
export function makeCgroup(path: string): void {
  if (!isOurs(path)) return
  for (const hierarchy of hierarchies()) {
    const names = path.split('/').filter(Boolean)
    mkdirSync(join(hierarchy, ...names), { recursive: true })
    if (hierarchy.startsWith(`${cgroupRoot}/`)) initCpuset(hierarchy, names)
  }
  if (cgroupVersion() === 2) handDown(path)
}

/** Version 1 lets no process into a group of processors that has none: those of the group above are taken over. */
function initCpuset(hierarchy: string, names: string[]): void {
  if (!existsSync(join(hierarchy, 'cpuset.cpus'))) return
  for (let depth = 1; depth <= names.length; depth++) {
    const path = join(hierarchy, ...names.slice(0, depth))
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (readOr(join(path, file), '').trim() !== '') continue
      writeFileSync(join(path, file), readOr(join(path, '..', file), ''))
    }
  }
}

/** Names of all clusters that have cgroups here, also of those that crashed. */
export function clustersWithCgroups(): string[] {
  return [...new Set(hierarchies().flatMap((path) => folders(join(path, ownFolder))))].sort()
}

/** Below root's own folder, or in a scope that a user's systemd made for a cluster. */
function isOurs(path: string): boolean {
  return path.startsWith(`/${ownFolder}/`) || /\/ztlab-[^/]+\.scope\//.test(path)
}

function cgroupVersion(): 1 | 2 | null {
  if (existsSync(join(cgroupRoot, 'cgroup.controllers'))) return 2
  return existsSync(cgroupRoot) && folders(cgroupRoot).length > 0 ? 1 : null
}

let knownHierarchies: string[] | null = null

/** Read once: they are as they are from boot on, and the list of mounts grows with every pod. */
function hierarchies(): string[] {
  knownHierarchies ??= mountedHierarchies()
  return knownHierarchies
}

function mountedHierarchies(): string[] {
  const version = cgroupVersion()
  if (version === null) return []
  return version === 2 ? [cgroupRoot] : mountPoints().filter((path) => path.startsWith(`${cgroupRoot}/`))
}

function mountPoints(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, path]) => path!)
}

function inUserNamespace(): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function inhabitedIn(path: string): string[] {
  const below = folders(path).flatMap((name) => inhabitedIn(join(path, name)))
  return readOr(join(path, 'cgroup.procs'), '') === '' ? below : [path, ...below]
}

function removeTree(path: string): string[] {
  if (!existsSync(path)) return []
  const left = folders(path).flatMap((name) => removeTree(join(path, name)))
  return removeFolder(path) ? left : [...left, path]
}

function removeFolder(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

function folders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}
