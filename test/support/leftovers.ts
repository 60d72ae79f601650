import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { startTimeOf } from '../../src/process-ref.ts'

/** Network namespaces, and the processes that held them when they were looked for. */
export interface Namespaces {
  /** By inode, as `/proc/PID/ns` links name them: `net:[4026531840]`. */
  inodes: Set<string>
  /** `PID start time`. The kernel gives the inode of a namespace that is gone to the next one made, by whomever: only those who held the old one can still do so. */
  witnesses: Set<string>
}

/** Where it is enough that processes and mounts are gone. */
export const noNamespaces: Namespaces = { inodes: new Set(), witnesses: new Set() }

/** What is still there of the clusters of a state directory; all empty once everything is gone. */
export interface Leftovers {
  /** `PID command line`. */
  processes: string[]
  namespaces: string[]
  mounts: string[]
}

/**
 * PIDs of every process of the clusters whose state is below this directory: marked by their environment, or with a
 * mount or a word of the command line that leads there (containers have an environment of their own).
 */
export function processesOf(state: string): number[] {
  return allProcesses().filter((pid) => {
    const environment = readProc(pid, 'environ').split('\0')
    if (environment.some((entry) => entry.startsWith(`ZTLAB_CLUSTER_STATE=${state}/`))) return true
    if (readProc(pid, 'cmdline').includes(`${state}/`)) return true
    return readProc(pid, 'mountinfo').includes(`${state}/`)
  })
}

/** Network namespaces that these processes are in or have mounted, apart from those that are known outside too. */
export function networkNamespacesOf(pids: number[]): Namespaces {
  const found = new Set(pids.flatMap(namespacesOf))
  const outside = ['', ...namespacesOf(process.pid)]
  for (const namespace of outside) found.delete(namespace)
  const witnesses = allProcesses().filter((pid) => namespacesOf(pid).some((each) => found.has(each)))
  return { inodes: found, witnesses: new Set(witnesses.map(identityOf)) }
}

/** What there is now: processes and mounts by their marks, and which of the namespaces that were known still stand. */
export function leftoversOf(state: string, known: Namespaces): Leftovers {
  const marked = processesOf(state)
  const mounts = readProc(process.pid, 'mountinfo')
    .split('\n')
    .filter((line) => line.includes(`${state}/`))
  const before = allProcesses().filter((pid) => known.witnesses.has(identityOf(pid)))
  const standing = new Set([...before, ...marked].flatMap(namespacesOf))
  return {
    processes: marked.map((pid) => `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ')}`),
    namespaces: [...known.inodes].filter((namespace) => standing.has(namespace)),
    mounts,
  }
}

/** Looks until nothing is left or the time is over; returns what was seen last. */
export async function leftoversAfter(ms: number, state: string, known: Namespaces): Promise<Leftovers> {
  const until = performance.now() + ms
  for (;;) {
    const left = leftoversOf(state, known)
    if (isEmpty(left) || performance.now() > until) return left
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export const nothingLeft: Leftovers = { processes: [], namespaces: [], mounts: [] }

/** Folders of cgroups of this cluster, in every hierarchy. */
export function cgroupsOf(cluster: string): string[] {
  const top = '/sys/fs/cgroup'
  const hierarchies = [top, ...(existsSync(top) ? readdirSync(top).map((name) => join(top, name)) : [])]
  return hierarchies.map((path) => join(path, 'ztlab', cluster)).filter((path) => existsSync(path))
}

/** Names of the clusters that have a folder in a state directory, hidden ones included. */
export function stateFolders(state: string): string[] {
  return readdirSync(state)
}

function isEmpty({ processes, namespaces, mounts }: Leftovers): boolean {
  return processes.length + namespaces.length + mounts.length === 0
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
}

function identityOf(pid: number): string {
  return `${pid} ${startTimeOf(pid)}`
}

/** The one that a process is in, and those that it sees kept. */
function namespacesOf(pid: number): string[] {
  return [namespaceOf(pid), ...mountedNamespaces(pid)]
}

function namespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return ''
  }
}

/** `ip netns` keeps a namespace by mounting it. */
function mountedNamespaces(pid: number): string[] {
  return readProc(pid, 'mountinfo').match(/net:\[\d+\]/g) ?? []
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
