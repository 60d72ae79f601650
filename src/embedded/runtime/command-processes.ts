import { readdirSync, readFileSync } from 'node:fs'

/**
 * Kills what `runc exec` runs, with all that it has started in its session, and runc ends with it; runc itself where
 * nothing runs yet: killed later, it leaves that behind.
 */
export function killCommand(runcPid: number): void {
  const children = childrenOf(runcPid)
  // runc makes each command the leader of a session, and so of a group.
  for (const pid of children.length > 0 ? children.flatMap((each) => [-each, each]) : [runcPid]) kill(pid)
}

/** Of any of its threads; none where it has ended. */
function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'))
    return lists.join(' ').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** A process, or a group by its negative number. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already, or leads no group.
  }
}
