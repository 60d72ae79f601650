import { finished, type Readable, type Writable } from 'node:stream'
import { type Container, type ExecProcess, execRefusal, type TerminalSize } from '../../runtime/index.ts'
import type { ContainerFields } from '../container-fields.ts'

/** A process whose streams are carried to a client. */
export interface StreamedProcess {
  /** What is typed goes to it from now on. */
  hear(typed: Readable): void
  /** What it says goes there from now on, as fast as it is taken. */
  say(stdout: Writable, stderr: Writable): void
  resize(size: TerminalSize): void
  /** Exit code, once it has ended and has said everything. */
  ended: Promise<number>
  /** Why there was nothing to run, where the code is not that of the command. */
  refusal(exitCode: number): string | null
  /** Nothing is carried any more, since it has ended or its client has gone. */
  release(): void
}

/** A command of its own, which ends with the client. */
export function execStreams(process: ExecProcess): StreamedProcess {
  const { stdin, stdout, stderr, terminal } = process
  const carried: Array<() => void> = []
  let lastWords = ''
  return {
    hear(typed) {
      if (!stdin) return
      carried.push(carry(typed, stdin))
      whenSaid(typed, () => stdin.end())
    },
    say(toStdout, toStderr) {
      carried.push(carry(stdout, toStdout))
      if (!stderr) return
      carried.push(carry(stderr, toStderr))
      stderr.on('data', (chunk: Buffer) => {
        lastWords = (lastWords + chunk.toString()).slice(-4096)
      })
    },
    resize: (size) => terminal?.resize(size),
    ended: process.ended,
    refusal: (exitCode) => execRefusal(exitCode, lastWords),
    release() {
      process.kill()
      for (const drop of carried) drop()
    },
  }
}

/** A container's own process, which lives on without the client; with stdinOnce its input ends with the first. */
export function attachStreams({ stdin, terminal, log }: Container, spec: ContainerFields): StreamedProcess {
  const carried: Array<() => void> = []
  const ended = new Promise<number>((resolve) => {
    const end = () => resolve(0)
    if (log.ended) end()
    else log.once('end', end)
    carried.push(() => log.off('end', end))
  })
  return {
    hear(typed) {
      if (!spec.stdin || !stdin) return void typed.resume()
      carried.push(carry(typed, stdin))
      if (spec.stdinOnce && !spec.tty) whenSaid(typed, () => stdin.end())
    },
    say: (stdout, stderr) => void carried.push(log.copyTo({ stdout, stderr })),
    resize: (size) => terminal?.resize(size),
    ended,
    refusal: () => null,
    release() {
      for (const drop of carried) drop()
    },
  }
}

/** Carries one stream to another. What is not taken there any more is dropped; what this returns makes that so. */
function carry(from: Readable, to: Writable): () => void {
  const drop = () => {
    to.off('close', drop)
    from.unpipe(to).resume()
  }
  to.once('close', drop)
  from.pipe(to, { end: false })
  if (to.destroyed) drop()
  return drop
}

/** Calls back once a stream has ended, or was cut off. */
function whenSaid(stream: Readable, ended: () => void): void {
  finished(stream, { writable: false }, ended)
}
