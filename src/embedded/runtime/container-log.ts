import { EventEmitter, once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { finished, type Writable } from 'node:stream'
import { drained } from '../drained.ts'

export interface LogLine {
  time: Date
  stream: 'stdout' | 'stderr'
  /** With its newline, if it has one: the parts of a very long line do not, but the last. */
  text: string
}

export interface LogQuery {
  tailLines?: number
  sinceTime?: Date
}

/** Where a client hears both outputs. */
export type OutputCopy = Record<LogLine['stream'], Writable>

/** Oldest lines go first when a container has said more than this. */
const keptBytes = 4 << 20
/** A longer line comes in parts, as containerd writes it (max_container_log_line_size). */
const maxLineLength = 16 << 10

/** What one run of a container wrote: in memory, and in a file for a process after this one. */
export class ContainerLog extends EventEmitter<{
  line: [LogLine]
  end: []
}> {
  private lines: LogLine[] = []
  /** Those before this one are let go of. */
  private first = 0
  /** How many lines were said before those in `lines`. */
  private forgotten = 0
  private bytes = 0
  private writtenBytes = 0
  private openStreams = 0
  private readonly copies = new Set<OutputCopy>()

  get ended(): boolean {
    return this.openStreams === 0
  }

  /** How many lines have been said so far. */
  get count(): number {
    return this.forgotten + this.lines.length
  }

  /** What is in the file, and in the one before it, `path`.1, was written before. */
  constructor(private readonly path: string) {
    super()
    this.setMaxListeners(0)
    for (const file of [`${path}.1`, path]) for (const line of readLines(file)) this.keep(line)
  }

  /** Resolves once everything has been said, or after that time: whoever holds the other end may live on. */
  async whenEnded(timeoutMs: number): Promise<void> {
    if (this.ended) return
    await once(this, 'end', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined)
  }

  follow(socket: Socket, stream: LogLine['stream']): void {
    this.openStreams++
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.copy(socket, stream, text)
      const lines = (rest + text).split(/(?<=\n)/)
      rest = lines.at(-1)!.endsWith('\n') ? '' : lines.pop()!
      if (rest.length >= maxLineLength) {
        lines.push(rest)
        rest = ''
      }
      this.add(stream, lines)
    })
    // One that had nothing to say may have closed already.
    finished(socket, { writable: false }, () => {
      if (rest) this.add(stream, [rest])
      if (--this.openStreams === 0) this.emit('end')
    })
  }

  /**
   * Gives what is said from now on to a client as well, as fast as it takes it: like with containerd, the container
   * waits for it meanwhile. Returns what ends that.
   */
  copyTo(copy: OutputCopy): () => void {
    this.copies.add(copy)
    return () => void this.copies.delete(copy)
  }

  read({ tailLines, sinceTime }: LogQuery = {}): LogLine[] {
    const kept = this.since(0)
    const recent = sinceTime ? kept.filter((line) => line.time >= sinceTime) : kept
    if (tailLines === undefined) return recent
    return tailLines === 0 ? [] : recent.slice(-tailLines)
  }

  /** What was said after the first `count` lines, as far as it is kept. */
  since(count: number): LogLine[] {
    return this.lines.slice(Math.max(this.first, count - this.forgotten))
  }

  /** Removes its files. */
  remove(): void {
    for (const file of [this.path, `${this.path}.1`]) rmSync(file, { force: true })
  }

  private copy(socket: Socket, stream: LogLine['stream'], text: string): void {
    const full = [...this.copies].map((each) => each[stream]).filter((to) => to.writable && !to.write(text))
    if (full.length === 0) return
    socket.pause()
    void Promise.all(full.map(drained)).then(() => socket.resume())
  }

  private add(stream: LogLine['stream'], texts: string[]): void {
    const time = new Date()
    const lines = texts.map((text) => ({ time, stream, text }))
    this.write(lines)
    for (const line of lines) {
      this.keep(line)
      this.emit('line', line)
    }
  }

  private keep(line: LogLine): void {
    this.lines.push(line)
    this.bytes += line.text.length
    while (this.bytes > keptBytes) this.bytes -= this.lines[this.first++]!.text.length
    if (this.first < this.lines.length / 2) return
    // Not with each line: all that are kept would be moved by it.
    this.lines = this.lines.slice(this.first)
    this.forgotten += this.first
    this.first = 0
  }

  /** Nobody reads it as long as this process lives: one that cannot be written is missed by nobody else. */
  private write(lines: LogLine[]): void {
    const text = lines.map(asWritten).join('')
    try {
      if (this.writtenBytes > keptBytes) {
        renameSync(this.path, `${this.path}.1`)
        this.writtenBytes = 0
      }
      appendFileSync(this.path, text, { mode: 0o600 })
      this.writtenBytes += text.length
    } catch {
      // Its directory is gone or full.
    }
  }
}

/** As container runtimes write it (KEP "CRI logging"): time, stream, F for a whole line or P for a part, text. */
function asWritten({ time, stream, text }: LogLine): string {
  const isWhole = text.endsWith('\n')
  return `${time.toISOString()} ${stream} ${isWhole ? 'F' : 'P'} ${isWhole ? text : `${text}\n`}`
}

function readLines(path: string): LogLine[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, time, stream, tag, text] = /^(\S+) (stdout|stderr) ([FP]) (.*)$/s.exec(line) ?? []
      if (time === undefined) return []
      return [
        {
          time: new Date(time),
          stream: stream as LogLine['stream'],
          text: tag === 'F' ? `${text}\n` : text!,
        },
      ]
    })
}
