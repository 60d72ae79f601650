import type { WebSocket } from 'ws'
import type { ExecProcess } from '../runtime/index.ts'

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, close: 255 } as const

/** WebSocket subprotocols of exec, the preferred first. */
export const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

export interface ExecStreams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
}

/**
 * Carries a process over a WebSocket as Kubernetes' remotecommand does: the first byte of each message is the channel;
 * the last message on channel 3 is a Status with the exit code. In v5 the client ends stdin with (255, 0).
 */
export function serveExec(socket: WebSocket, process: ExecProcess, wanted: ExecStreams): void {
  const send = (number: number) => (chunk: Buffer) => {
    socket.send(Buffer.concat([Buffer.of(number), chunk]))
  }
  const discard = () => undefined
  process.stdout.on('data', wanted.stdout ? send(channel.stdout) : discard)
  process.stderr.on('data', wanted.stderr ? send(channel.stderr) : discard)
  socket.on('message', (data: Buffer) => takeInput(process, data))
  socket.on('close', () => process.kill())
  void process.ended.then((exitCode) => {
    send(channel.error)(Buffer.from(JSON.stringify(exitStatus(exitCode))))
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

function takeInput({ stdin }: ExecProcess, data: Buffer): void {
  if (data[0] === channel.close && data[1] === channel.stdin) stdin?.end()
  else if (data[0] === channel.stdin && data.length > 1) stdin?.write(data.subarray(1))
}
