import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { isAlive, startTimeOf } from './process-ref.ts'

/** The annotation by which a later run tells what a run that crashed has left from what a running one needs. */
export const processAnnotation = 'ztlab.dev/process'

/** This process: its machine, as a hash, its PID and its start time. */
export function processMark(): string {
  return `${machine()}/${process.pid}/${startTimeOf(process.pid) ?? '0'}`
}

/**
 * Whether the process of a mark has surely ended. Of another machine nothing is known: only after a day does its mark
 * count as left behind.
 */
export function hasEnded(mark: string | undefined, createdAt: string | undefined): boolean {
  const [where, pid, startTime] = mark?.split('/') ?? []
  if (!where || !pid || !startTime) return false
  if (where === machine()) return !isAlive({ pid: Number(pid), startTime })
  return createdAt !== undefined && Date.now() - Date.parse(createdAt) > dayMs
}

const dayMs = 86_400_000

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 12)
}
