import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Removes the cgroups `ztlab/<name>` of a cluster: the kernel ends processes with their namespaces, but keeps the
 * directories. They hang below the cgroup of whoever made the cluster, or below the root.
 */
export async function removeCgroups(name: string, mount = '/sys/fs/cgroup'): Promise<void> {
  for (const parent of parents(mount)) {
    const ours = join(parent, 'ztlab')
    const cgroup = join(ours, name)
    if (existsSync(cgroup)) removeTree(cgroup)
    if (existsSync(ours)) tryRemove(ours)
  }
}

/** Our own cgroup and all above it, in each hierarchy (`0::/path` is v2, `4:memory:/path` v1). */
function parents(mount: string): string[] {
  const found = new Set<string>()
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers = '', ...path] = line.split(':')
    const roots =
      controllers === '' ? [mount, join(mount, 'unified')] : [join(mount, controllers.replace('name=', ''))]
    for (const root of roots) {
      for (let at = path.join(':'); ; at = dirname(at)) {
        found.add(join(root, at))
        if (at === '/' || at === '.') break
      }
    }
  }
  return [...found]
}

/** Depth first: a cgroup with children cannot be removed. Its files vanish with it. */
function removeTree(cgroup: string): void {
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(cgroup, entry.name))
  }
  tryRemove(cgroup)
}

/** Busy or not ours: the next sweep tries again. */
function tryRemove(cgroup: string): void {
  try {
    rmdirSync(cgroup)
  } catch {
    // As said above.
  }
}
