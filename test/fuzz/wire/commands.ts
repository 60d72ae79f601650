import { PassThrough, Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecProcess, TerminalSize } from '../../../src/embedded/runtime/index.ts'

/** What a client may have run: its first word says what it does. */
export const commandNames = ['cat', 'yes', 'sleep', 'true', 'late', 'no-such', 'failing'] as const

/** Between a request and the command that it begins. */
const lateMs = 10

/** Commands made of streams alone, so that what is measured is the wire. They are counted. */
export class Commands {
  begun = 0
  running = 0

  /** Takes the place of a runtime's. */
  async exec(_id: string, [name]: string[], { tty }: { tty: boolean }): Promise<ExecProcess> {
    if (name === 'failing') throw new Error('runc could not start it')
    if (name === 'late') await sleep(lateMs)
    this.begun += 1
    this.running += 1
    const { stdin, stdout, stderr, code } = streamsOf(name ?? '')
    let kill = () => {}
    const killed = new Promise<number>((resolve) => {
      kill = () => {
        stdout.destroy()
        stderr.destroy()
        resolve(137)
      }
    })
    const said = Promise.all(
      [stdout, stderr].map((each) => new Promise((resolve) => each.once('end', resolve))),
    )
    const ended = Promise.race([killed, said.then(() => code)])
    void ended.then(() => {
      this.running -= 1
    })
    const terminal = tty ? { resize: (_size: TerminalSize) => undefined } : null
    return { stdin, stdout, stderr, terminal, ended, kill } as unknown as ExecProcess
  }
}

interface Streams {
  stdin: Writable
  stdout: Readable
  stderr: Readable
  /** What it ends with, once it has said everything. */
  code: number
}

function streamsOf(name: string): Streams {
  const [deaf, nothing] = [new Writable({ write: () => undefined }), () => Readable.from([])]
  const chunk = Buffer.from('y\n'.repeat(8 * 1024))
  if (name === 'yes') {
    // In turns of its own, as from a pipe.
    const stdout = new Readable({ read: () => void setImmediate(() => stdout.push(chunk)) })
    return { stdin: deaf, stdout, stderr: nothing(), code: 0 }
  }
  if (name === 'sleep') {
    return { stdin: deaf, stdout: new Readable({ read: () => undefined }), stderr: nothing(), code: 0 }
  }
  if (name === 'true') return { stdin: deaf, stdout: nothing(), stderr: nothing(), code: 0 }
  if (name === 'no-such') {
    const line = 'time="2026-11-23T11:43:39Z" level=error msg="exec failed: no such file"\n'
    return { stdin: deaf, stdout: nothing(), stderr: Readable.from([Buffer.from(line)]), code: 255 }
  }
  const echo = new PassThrough()
  return { stdin: echo, stdout: echo, stderr: nothing(), code: 0 }
}
