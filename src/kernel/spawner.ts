import { type ChildProcess, spawn } from 'node:child_process'
import { LabError } from '../errors.ts'

export interface SpawnOptions {
  /** Written to the program's standard input, which is then closed. */
  stdin?: string
  /** Network namespace by the path of its file. */
  netns?: string
  cwd?: string
}

/** Exit code, null where a signal ended it, and what it said. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** File descriptors of this process that a program runs on, null for /dev/null. */
export interface ProgramFiles {
  stdin: number | null
  stdout: number
  stderr: number
  /** Its output is open for reading too: a pipe that it writes to is never without a reader, and never breaks. */
  outlivesReader?: boolean
}

/** A program that runs on file descriptors of this process. */
export interface StartedProgram {
  pid: number
  /** Exit code, null where a signal ended it. */
  ended: Promise<number | null>
}

interface Job {
  words: string[]
  started(pid: number): void
  ended(result: Ended): void
  failed(error: Error): void
}

/**
 * Starts programs by way of a small process that does nothing else (`spawner.pl`): Node's own way blocks its thread
 * until the new program runs, which a kubelet that starts fifty pods cannot afford.
 */
export class Spawner {
  private readonly child: ChildProcess
  private readonly jobs = new Map<string, Job>()
  private received: Buffer = Buffer.alloc(0)
  private made = 0
  private isOver = false

  /** `program` is the path of spawner.pl. It ends with this process; `onLost` is called where it ends before. */
  constructor(
    program: string,
    private readonly onLost: () => void = () => undefined,
  ) {
    this.child = spawn('perl', [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.stdout!.on('data', (chunk: Buffer) => this.take(chunk))
    this.child.stdin!.on('error', () => undefined)
    this.child.on('error', () => this.end())
    this.child.on('close', () => this.end())
  }

  /** Runs a program to its end, both streams included. */
  run(words: string[], options: SpawnOptions = {}): Promise<Ended> {
    return new Promise((ended, failed) => {
      this.request({ words, ended, failed, started: () => undefined }, 'capture', options)
    })
  }

  /**
   * Starts a program on file descriptors of this process. Resolves once it runs; whoever opened the descriptors may
   * close them then.
   */
  start(words: string[], { stdin, stdout, stderr, outlivesReader }: ProgramFiles): Promise<StartedProgram> {
    const mode = outlivesReader ? '+' : ''
    return new Promise((resolve, failed) => {
      const ended = new Promise<number | null>((end) => {
        const job: Job = {
          words,
          failed,
          started: (pid) => resolve({ pid, ended }),
          ended: ({ code }) => end(code),
        }
        this.request(job, `${stdin ?? ''},${stdout}${mode},${stderr}${mode}`, {})
      })
    })
  }

  /** Ends the process that starts programs; what runs goes on. */
  close(): void {
    this.isOver = true
    this.end()
    this.child.kill()
  }

  private request(job: Job, stdio: string, { stdin = '', netns = '', cwd = '' }: SpawnOptions): void {
    if (this.isOver) {
      job.failed(lost(job))
      return
    }
    this.made += 1
    const id = String(this.made)
    this.jobs.set(id, job)
    const fields = [id, netns, cwd, stdio, String(job.words.length), ...job.words, stdin]
    this.child.stdin!.write(framed(Buffer.from(fields.join('\0'))))
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length > 0 ? Buffer.concat([this.received, chunk]) : chunk
    while (this.received.length >= 4) {
      const end = 4 + this.received.readUInt32BE(0)
      if (this.received.length < end) return
      this.takeAnswer(this.received.subarray(4, end))
      this.received = this.received.subarray(end)
    }
  }

  private takeAnswer(frame: Buffer): void {
    const [kind, id = '', third = '', outLength = '0'] = frame.toString('latin1').split('\0', 4)
    const job = this.jobs.get(id)
    if (!job) return
    if (kind === 'started') {
      job.started(Number(third))
      return
    }
    this.jobs.delete(id)
    if (kind === 'failed') {
      const cause = frame.subarray(`${kind}\0${id}\0`.length).toString().trim()
      const message = `cannot start ${job.words[0]}`
      job.failed(new LabError({ code: 'missing-package', message, cause, hint: 'ztlab doctor' }))
      return
    }
    const text = frame.subarray([kind, id, third, outLength, ''].join('\0').length)
    const status = Number(third)
    job.ended({
      code: status & 127 ? null : status >> 8,
      stdout: text.subarray(0, Number(outLength)).toString(),
      stderr: text.subarray(Number(outLength)).toString(),
    })
  }

  private end(): void {
    if (!this.isOver) this.onLost()
    this.isOver = true
    for (const job of this.jobs.values()) job.failed(lost(job))
    this.jobs.clear()
  }
}

function lost({ words }: Job): LabError {
  return new LabError({
    code: 'command-failed',
    message: `${words[0]} was not run: the process that starts programs is gone`,
  })
}

function framed(payload: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(payload.length)
  return Buffer.concat([length, payload])
}
