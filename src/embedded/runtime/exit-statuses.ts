import { Socket } from 'node:net'
import { isAlive, type ProcessRef } from '../../process-ref.ts'

export interface ExitStatus {
  exitCode: number
  /** Number of the signal that ended it, 0 for none. */
  signal: number
  finishedAt: Date
}

/** A status that nobody asked for is forgotten after this time: the PID may come again. */
const unclaimedMs = 10_000
/** How long the report of a process that has ended may be under way. */
const reportMs = 1_000
/** What containerd says of a container whose end nobody saw. */
const unknownExitCode = 255

/** Exit statuses of containers' init processes, which the PID namespace's init reaps and reports on a pipe. */
export class ExitStatuses {
  private readonly waiting = new Map<number, (status: ExitStatus) => void>()
  private readonly unclaimed = new Map<number, ExitStatus>()

  /** `fd` is the reading end of init's pipe: lines of `PID STATUS`, STATUS as wait(2) gives it. */
  static fromPipe(fd: number): ExitStatuses {
    const statuses = new ExitStatuses()
    let rest = ''
    new Socket({ fd, readable: true, writable: false }).setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      for (const line of lines) statuses.take(line)
    })
    return statuses
  }

  /** Takes one line of init's report. */
  take(line: string): void {
    const [pid, wait] = line.split(' ').map(Number) as [number, number]
    const signal = wait & 127
    const status = { exitCode: signal ? 128 + signal : wait >> 8, signal, finishedAt: new Date() }
    const waiter = this.waiting.get(pid)
    if (waiter) {
      this.waiting.delete(pid)
      waiter(status)
      return
    }
    this.unclaimed.set(pid, status)
    setTimeout(() => this.unclaimed.get(pid) === status && this.unclaimed.delete(pid), unclaimedMs).unref()
  }

  /**
   * The same for a process of before this one was started: it may have ended meanwhile, and what it ended by may have
   * been told to somebody who is gone. Then it is exit code 255.
   */
  waitFor(ref: ProcessRef): Promise<ExitStatus> {
    const status = this.wait(ref.pid)
    if (isAlive(ref)) return status
    const unknown = new Promise<ExitStatus>((resolve) => {
      const finishedAt = new Date()
      setTimeout(() => resolve({ exitCode: unknownExitCode, signal: 0, finishedAt }), reportMs)
    })
    // Another process may have that PID by now.
    void unknown.then(() => this.waiting.delete(ref.pid))
    return Promise.race([status, unknown])
  }

  /** Resolves when that process has ended, at once if it already has. */
  wait(pid: number): Promise<ExitStatus> {
    const status = this.unclaimed.get(pid)
    this.unclaimed.delete(pid)
    if (status) return Promise.resolve(status)
    return new Promise((resolve) => this.waiting.set(pid, resolve))
  }
}
