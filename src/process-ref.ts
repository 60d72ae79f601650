import { readFileSync } from 'node:fs'

/** A process by its PID and its start time, so that a reused PID is not taken for it. */
export interface ProcessRef {
  pid: number
  startTime: string
}

/** The start time of a process (field 22 of /proc/PID/stat, in clock ticks), or null where there is none. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name in brackets may hold anything; fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}

/** A process that runs; null where there is none of that PID. */
export function refTo(pid: number | null): ProcessRef | null {
  const startTime = pid === null ? null : startTimeOf(pid)
  return pid === null || startTime === null ? null : { pid, startTime }
}

/** Whether this very process still runs: a reused PID has another start time. */
export function isAlive(ref: ProcessRef | null | undefined): boolean {
  return !!ref && startTimeOf(ref.pid) === ref.startTime
}
