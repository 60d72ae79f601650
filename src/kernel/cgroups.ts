import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const cgroupRoot = '/sys/fs/cgroup'
const ownFolder = 'ztlab'

/** How this machine lets us limit and count resources. */
export interface CgroupAccess {
  version: 1 | 2 | null
  /** Path below every hierarchy's root under which the cluster's cgroups live; null where none can be made. */
  parent: string | null
  /** Why there is no parent. */
  reason: string
}

/** Where a cluster's cgroups may be made. Only root's own hierarchies are used so far. */
export function cgroupAccess(cluster: string, uid: number = process.getuid?.() ?? 0): CgroupAccess {
  const version = cgroupVersion()
  if (version === null) return { version, parent: null, reason: 'no cgroup file system at /sys/fs/cgroup' }
  if (uid !== 0 || inUserNamespace()) {
    return { version, parent: null, reason: 'cgroups belong to root and none was delegated to this user' }
  }
  const locked = hierarchies().filter((path) => !isWritable(path))
  if (locked.length > 0) return { version, parent: null, reason: `${locked[0]} cannot be written` }
  return { version, parent: `/${ownFolder}/${cluster}`, reason: '' }
}

/**
 * Removes the cgroups of a cluster, by their mark alone: the kernel reaps processes but not cgroup folders.
 * Returns those that could not be removed because processes still live there.
 */
export function sweepCgroups(cluster: string): string[] {
  const left = hierarchies().flatMap((path) => removeTree(join(path, ownFolder, cluster)))
  for (const path of hierarchies()) removeFolder(join(path, ownFolder))
  return left
}

/** Removes one cgroup of ours and those below it, e.g. a pod's; what still holds processes stays for the sweep. */
export function removeCgroup(path: string): void {
  if (!path.startsWith(`/${ownFolder}/`)) return
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
  cpuQuota: number | null
  memoryBytes: number | null
}

/** Limits a cgroup of ours that exists, on either version. A controller that is not there limits nothing. */
export function setCgroupLimits(path: string, { cpuShares, cpuQuota, memoryBytes }: CgroupLimits): void {
  if (!path.startsWith(`/${ownFolder}/`)) return
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
  for (const [file, value] of values) {
    for (const hierarchy of hierarchies()) {
      const target = join(hierarchy, path, file)
      if (existsSync(target)) writeFileSync(target, value)
    }
  }
}

/** Names of all clusters that have cgroups here, also of those that crashed. */
export function clustersWithCgroups(): string[] {
  return [...new Set(hierarchies().flatMap((path) => folders(join(path, ownFolder))))].sort()
}

function cgroupVersion(): 1 | 2 | null {
  if (existsSync(join(cgroupRoot, 'cgroup.controllers'))) return 2
  return existsSync(cgroupRoot) && folders(cgroupRoot).length > 0 ? 1 : null
}

function hierarchies(): string[] {
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
