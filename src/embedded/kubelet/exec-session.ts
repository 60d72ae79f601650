import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { type ExecProcess, execRefusal, type TerminalSize } from '../runtime/index.ts'
import type { ContainerWorker } from './container-worker.ts'

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** WebSocket subprotocols of exec and attach, the preferred first. */
export const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

export interface ExecStreams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
}

type Output = (chunk: Buffer | string) => void

/** A process whose streams are carried over a WebSocket. */
export interface StreamedProcess {
  stdin: Writable | null
  resize(size: TerminalSize): void
  /** From now on what it says goes there. */
  listen(stdout: Output, stderr: Output): void
  /** Exit code, once it has ended and has said everything. */
  ended: Promise<number>
  /** Why there was nothing to run, where the code is not that of the command. */
  refusal(exitCode: number): string | null
  /** The client has gone. */
  release(): void
}

/** A command of its own, which ends with the client. */
export function execStreams(process: ExecProcess): StreamedProcess {
  let lastWords = ''
  return {
    stdin: process.stdin,
    resize: (size) => process.terminal?.resize(size),
    listen(stdout, stderr) {
      process.stdout.on('data', stdout)
      process.stderr?.on('data', (chunk: Buffer) => {
        lastWords = (lastWords + chunk.toString()).slice(-4096)
        stderr(chunk)
      })
    },
    ended: process.ended,
    refusal: (exitCode) => execRefusal(exitCode, lastWords),
    release: () => process.kill(),
  }
}

/** A container's own process, which lives on without the client; with stdinOnce its input ends with the first. */
export function attachStreams(worker: ContainerWorker): StreamedProcess {
  const { stdin, terminal, log } = worker.running!
  let forget = () => {}
  let end = () => {}
  const ended = new Promise<number>((resolve) => {
    end = () => resolve(0)
  })
  if (log.ended) end()
  else log.once('end', end)
  return {
    stdin: worker.spec.stdin ? stdin : null,
    resize: (size) => terminal?.resize(size),
    listen(stdout, stderr) {
      const hear = (stream: string, text: string) => (stream === 'stdout' ? stdout : stderr)(text)
      log.on('chunk', hear)
      forget = () => log.off('chunk', hear)
    },
    ended,
    refusal: () => null,
    release() {
      forget()
      log.off('end', end)
      if (worker.spec.stdinOnce && !worker.spec.tty) stdin?.end()
    },
  }
}

/**
 * Carries a process over a WebSocket as Kubernetes' remotecommand does: the first byte of each message is the channel;
 * the last message on channel 3 is a Status with the exit code. In v5 the client ends stdin with (255, 0).
 */
export function serveStreams(socket: WebSocket, process: StreamedProcess, wanted: ExecStreams): void {
  const send = (number: number) => (chunk: Buffer | string) => {
    socket.send(Buffer.concat([Buffer.of(number), Buffer.from(chunk)]))
  }
  const discard = () => undefined
  process.listen(
    wanted.stdout ? send(channel.stdout) : discard,
    wanted.stderr ? send(channel.stderr) : discard,
  )
  socket.on('message', (data: Buffer) => takeInput(process, data))
  socket.on('close', () => process.release())
  void process.ended.then((exitCode) => {
    const refusal = process.refusal(exitCode)
    if (refusal) return failExec(socket, `error executing command in container: ${refusal}`)
    send(channel.error)(JSON.stringify(exitStatus(exitCode)))
    socket.close(1000)
  })
}

/** Tells the client why its command could not be run, in the way it reads exit codes. */
export function failExec(socket: WebSocket, message: string): void {
  const status = { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 }
  socket.send(Buffer.concat([Buffer.of(channel.error), Buffer.from(JSON.stringify(status))]))
  socket.close(1000)
}

export function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}

function takeInput(process: StreamedProcess, data: Buffer): void {
  if (data[0] === channel.close && data[1] === channel.stdin) process.stdin?.end()
  else if (data[0] === channel.stdin && data.length > 1) process.stdin?.write(data.subarray(1))
  else if (data[0] === channel.resize) resize(process, data.subarray(1).toString())
}

/** What a client says of its window's size; words that are none are passed over. */
function resize(process: StreamedProcess, text: string): void {
  try {
    const { Width, Height } = JSON.parse(text)
    if (Number.isInteger(Width) && Number.isInteger(Height)) process.resize({ rows: Height, columns: Width })
  } catch {
    // Not JSON: the size stays.
  }
}
