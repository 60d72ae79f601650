import type { Readable, Writable } from 'node:stream'
import { type Container, type ExecProcess, execRefusal, type TerminalSize } from '../../runtime/index.ts'
import type { ContainerFields } from '../container-fields.ts'

/** A process whose streams are carried to a client. */
export interface StreamedProcess {
  /** What is typed goes to it from now on. */
  hear(typed: Readable): void
  /** What it says goes there from now on. */
  say(stdout: Writable, stderr: Writable): void
  resize(size: TerminalSize): void
  /** Exit code, once it has ended and has said everything. */
  ended: Promise<number>
  /** Why there was nothing to run, where the code is not that of the command. */
  refusal(exitCode: number): string | null
  /** The client has gone. */
  release(): void
}

/** A command of its own, which ends with the client. */
export function execStreams(process: ExecProcess): StreamedProcess {
  const { stdin, stdout, stderr, terminal } = process
  let lastWords = ''
  return {
    hear: (typed) => stdin && typed.pipe(stdin),
    say(toStdout, toStderr) {
      stdout.pipe(toStdout, { end: false })
      stderr?.pipe(toStderr, { end: false })
      stderr?.on('data', (chunk: Buffer) => {
        lastWords = (lastWords + chunk.toString()).slice(-4096)
      })
    },
    resize: (size) => terminal?.resize(size),
    ended: process.ended,
    refusal: (exitCode) => execRefusal(exitCode, lastWords),
    release() {
      process.kill()
      // Nobody takes the rest, and a stream ends when it has been read.
      for (const stream of [stdout, stderr]) stream?.unpipe().resume()
    },
  }
}

/** A container's own process, which lives on without the client; with stdinOnce its input ends with the first. */
export function attachStreams({ stdin, terminal, log }: Container, spec: ContainerFields): StreamedProcess {
  let forget = () => {}
  let end = () => {}
  const ended = new Promise<number>((resolve) => {
    end = () => resolve(0)
  })
  if (log.ended) end()
  else log.once('end', end)
  return {
    hear(typed) {
      if (spec.stdin && stdin) typed.pipe(stdin, { end: Boolean(spec.stdinOnce && !spec.tty) })
    },
    say(toStdout, toStderr) {
      const say = (stream: string, text: string) => (stream === 'stdout' ? toStdout : toStderr).write(text)
      log.on('chunk', say)
      forget = () => log.off('chunk', say)
    },
    resize: (size) => terminal?.resize(size),
    ended,
    refusal: () => null,
    release() {
      forget()
      log.off('end', end)
    },
  }
}
