import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

export interface LogLine {
  time: Date
  stream: 'stdout' | 'stderr'
  /** With its newline, if it has one. */
  text: string
}

export interface LogQuery {
  tailLines?: number
  sinceTime?: Date
}

/** Oldest lines go first when a container has said more than this. */
const keptBytes = 4 << 20

/** What one run of a container wrote, in memory, as the node's logs vanish with the node. */
export class ContainerLog extends EventEmitter<{
  line: [LogLine]
  chunk: [LogLine['stream'], string]
  end: []
}> {
  private readonly lines: LogLine[] = []
  private bytes = 0
  private openStreams = 0

  get ended(): boolean {
    return this.openStreams === 0
  }

  constructor() {
    super()
    this.setMaxListeners(0)
  }

  follow(socket: Socket, stream: LogLine['stream']): void {
    this.openStreams++
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.emit('chunk', stream, text)
      const lines = (rest + text).split(/(?<=\n)/)
      rest = lines.at(-1)!.endsWith('\n') ? '' : lines.pop()!
      for (const line of lines) this.add(stream, line)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (rest) this.add(stream, rest)
      if (--this.openStreams === 0) this.emit('end')
    })
  }

  read({ tailLines, sinceTime }: LogQuery = {}): LogLine[] {
    const recent = sinceTime ? this.lines.filter((line) => line.time >= sinceTime) : this.lines
    if (tailLines === undefined) return [...recent]
    return tailLines === 0 ? [] : recent.slice(-tailLines)
  }

  private add(stream: LogLine['stream'], text: string): void {
    const line = { time: new Date(), stream, text }
    this.lines.push(line)
    this.bytes += text.length
    while (this.bytes > keptBytes) this.bytes -= this.lines.shift()!.text.length
    this.emit('line', line)
  }
}
