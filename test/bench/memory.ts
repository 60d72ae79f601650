import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Bytes that the processes of a cluster take of this machine's memory, what they share counted once. */
export function memoryOf(cluster: string): { bytes: number; processes: number } {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const children = new Map<number, number[]>()
  for (const [pid, parent] of all) children.set(parent, [...(children.get(parent) ?? []), pid])
  const found = new Set<number>()
  const take = (pid: number) => {
    if (found.has(pid)) return
    found.add(pid)
    for (const child of children.get(pid) ?? []) take(child)
  }
  // Containers have lost the mark with the rest of their environment, and hang below those that have it.
  for (const [pid] of all) if (isMarked(pid, cluster)) take(pid)
  const bytes = [...found].reduce((sum, pid) => sum + proportionalBytes(pid), 0)
  return { bytes, processes: found.size }
}

function isMarked(pid: number, cluster: string): boolean {
  return textOf(`/proc/${pid}/environ`).split('\0').includes(`ZTLAB_CLUSTER_NAME=${cluster}`)
}

function proportionalBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1024
}

/** Empty where the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
