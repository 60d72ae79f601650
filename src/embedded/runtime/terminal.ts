import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { LabError } from '../../errors.ts'
import type { PipeSource } from '../../kernel/index.ts'

export interface TerminalSize {
  rows: number
  columns: number
}

/** The controlling side of a process's terminal. */
export interface Terminal {
  /** Where runc sends the terminal to: once, by its option --console-socket. */
  socketPath: string
  stdin: Socket
  stdout: Socket
  resize(size: TerminalSize): void
  /** Closes it; the process at its other side is sent SIGHUP. */
  hangUp(): void
}

/**
 * Terminals for containers. The kernel makes them in the container's own /dev/pts and runc hands the controlling side
 * over as a file descriptor, which Node cannot take: a small Perl program does, and carries what is typed and said.
 */
export class TerminalSource {
  private made = 0

  constructor(
    private readonly program: string,
    private readonly directory: string,
    private readonly pipes: PipeSource,
  ) {}

  async open(): Promise<Terminal> {
    const folder = join(this.directory, 'terminals')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const socketPath = join(folder, String(this.made++))
    const [input, output] = [await this.pipes.open(), await this.pipes.open()]
    // A path longer than a socket address holds is no matter where the name alone is given.
    const child = spawn('perl', [this.program, socketPath], {
      stdio: [input.readFd, output.writeFd, 'pipe', 'pipe'],
    })
    for (const fd of [input.readFd, output.writeFd]) closeSync(fd)
    const sizes = child.stdio[3] as Writable
    const stdin = new Socket({ fd: input.writeFd, readable: false, writable: true })
    const stdout = new Socket({ fd: output.readFd, readable: true, writable: false })
    for (const stream of [stdin, stdout, sizes]) stream.on('error', () => {})
    await listening(child)
    return {
      socketPath,
      stdin,
      stdout,
      resize({ rows, columns }) {
        // While nobody reads what it says, the program reads nothing either; a window changes again.
        if (!sizes.writableNeedDrain) sizes.write(`${rows} ${columns}\n`)
      },
      hangUp: () => void child.kill(),
    }
  }
}

/** The program says a word when its socket is there. */
function listening(program: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string) =>
      reject(new LabError({ code: 'command-failed', message: 'no terminal could be made', cause }))
    let said = ''
    program.on('error', (error) => fail(error.message))
    program.stderr!.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, 4096)
      if (said.startsWith('listening\n')) resolve()
    })
    program.stderr!.on('end', () => fail(said))
  })
}
