import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.ts'

/** Both ends of a pipe; whoever takes it closes what it does not hand on. */
export interface PipeEnds {
  readFd: number
  writeFd: number
}

const batch = 64

/**
 * Makes kernel pipes. Node gives its children sockets instead, which cannot be opened again through /dev/stdout or
 * /proc/self/fd: scripts that write there would fail as they never do in a container.
 */
export class PipeSource {
  private readonly paths: string[] = []
  private filling: Promise<void> | null = null
  private made = 0

  /** `directory` is this one's alone: it holds named pipes that wait to be opened, and loses them when they are. */
  constructor(private readonly directory: string) {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  /** With `keptAs` the pipe keeps a name, by which `openPipe` finds it again. */
  async open(keptAs?: string): Promise<PipeEnds> {
    while (this.paths.length === 0) {
      this.filling ??= this.fill().finally(() => {
        this.filling = null
      })
      await this.filling
    }
    const path = this.paths.pop()!
    try {
      return openPipe(path)
    } finally {
      if (keptAs === undefined) unlinkSync(path)
      else renameSync(path, keptAs)
    }
  }

  private async fill(): Promise<void> {
    const paths = Array.from({ length: batch }, () => join(this.directory, `pipe-${this.made++}`))
    await command(['mkfifo', '-m', '600', ...paths])
    this.paths.push(...paths)
  }
}

/** Both ends of a named pipe. */
export function openPipe(path: string): PipeEnds {
  // Opened for both, a named pipe waits for nobody; while it is, each end alone finds its other end there.
  const both = openSync(path, constants.O_RDWR)
  try {
    return { readFd: openSync(path, constants.O_RDONLY), writeFd: openSync(path, constants.O_WRONLY) }
  } finally {
    closeSync(both)
  }
}
