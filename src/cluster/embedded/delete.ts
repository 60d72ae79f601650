import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stateRoot } from '../../embedded/state.ts'
import { LabError } from '../../errors.ts'
import { run } from '../../exec.ts'
import { clustersWithCgroups, sweepCgroups } from '../../kernel/index.ts'
import { isAlive, startTimeOf } from '../../process-ref.ts'
import { isRunning, readState } from './state-file.ts'

/** Who is making the cluster: without it a sweep of another command would take a half-made one for a leftover. */
export function ownerFile(directory: string): string {
  return join(directory, 'owner.json')
}

/**
 * Ends what carries the marks of this cluster and nothing else: processes whose environment names it and its state
 * directory, cgroups `ztlab/<name>`, the state directory.
 */
export async function deleteByMarks(directory: string, name: string): Promise<void> {
  const state = readState(directory)
  if (isRunning(state)) {
    kill(state.controlPlane.pid, 'SIGTERM')
    await gone(() => isAlive(state.controlPlane), 5000)
  }
  const marked = () => markedProcesses([`ZTLAB_CLUSTER_NAME=${name}`, `ZTLAB_CLUSTER_STATE=${directory}`])
  for (const pid of marked()) kill(pid, 'SIGKILL')
  if (!(await gone(() => marked().length > 0, 5000))) {
    throw new LabError({
      code: 'cluster-failed',
      message: `processes of cluster ${name} do not end: ${marked().join(', ')}`,
      hint: `ps -o pid,stat,wchan,args -p ${marked().join(',')}`,
    })
  }
  // Containers carry no mark, and are ended by the kernel a moment after those who made them. Whoever of this name still
  // lives has its state, and its containers, elsewhere.
  if (markedProcesses([`ZTLAB_CLUSTER_NAME=${name}`]).length === 0)
    await gone(() => sweepCgroups(name).length > 0, 5000)
  await removeDirectory(directory)
}

/** Deletes clusters whose makers and control planes are gone: what a crash left. */
export async function sweep(root: string = stateRoot()): Promise<string[]> {
  sweepForgottenCgroups()
  if (!existsSync(root)) return []
  const left = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(root, entry.name))
    .filter((directory) => isLeftover(directory))
  await Promise.all(
    left.map((directory) =>
      makerOf(directory) === null
        ? deleteByMarks(directory, basename(directory))
        : removeDirectory(directory),
    ),
  )
  return left
}

/** A cluster whose processes all died at once took its directory with it, but cgroups stay until they are removed. */
function sweepForgottenCgroups(): void {
  for (const name of clustersWithCgroups()) {
    if (markedProcesses([`ZTLAB_CLUSTER_NAME=${name}`]).length === 0) sweepCgroups(name)
  }
}

/** PID of who was making a directory, which is called `.NAME.PID` until it is whole; no cluster lives in it. */
function makerOf(directory: string): number | null {
  const pid = /^\..*\.(\d+)$/.exec(basename(directory))?.[1]
  return pid === undefined ? null : Number(pid)
}

function isLeftover(directory: string): boolean {
  if (isRunning(readState(directory))) return false
  try {
    return !isAlive(JSON.parse(readFileSync(ownerFile(directory), 'utf8')))
  } catch {
    // Without an owner file it is not ours, or its maker was killed before it could write one.
    const maker = makerOf(directory)
    return maker !== null && startTimeOf(maker) === null
  }
}

/** PIDs whose environment holds all these marks. */
function markedProcesses(marks: string[]): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && startTimeOf(pid) !== null)
    .filter((pid) => {
      const environment = environmentOf(pid)
      return marks.every((mark) => environment.includes(mark))
    })
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile.
  }
}

/** The kernel has no event for the end of a process that is not our child (pidfd is out of Node's reach). */
async function gone(stands: () => boolean, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs
  while (stands()) {
    if (performance.now() > until) return false
    await sleep(10)
  }
  return true
}

/** Files of mapped user IDs are not ours to remove outside a user namespace that maps them too. */
async function removeDirectory(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true })
  } catch (error) {
    if (process.getuid?.() === 0) throw error
    await run(['unshare', '--user', '--map-root-user', '--map-auto', 'rm', '-rf', directory])
  }
}
