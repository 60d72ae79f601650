import { Readable, Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import { Pause, sendOn } from '../web-socket.ts'
import type { ExecClient, WantedStreams } from './exec-client.ts'
import { WindowSizes } from './window-sizes.ts'

/** The first byte of each message, of Kubernetes' remotecommand; in v5 the client ends stdin with (255, 0). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Subprotocols, the preferred first. */
export const webSocketProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

export function webSocketClient(socket: WebSocket, wanted: WantedStreams): ExecClient {
  const send = sendOn(socket)
  const output = (number: number, isWanted: boolean) =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => (isWanted ? send(number, chunk, done) : done()),
    }).on('error', () => undefined)
  const stdout = output(channel.stdout, wanted.stdout)
  const stderr = output(channel.stderr, wanted.stderr)
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      stdout.destroy()
      stderr.destroy()
      resolve()
    })
  })
  return {
    ...inputOf(socket, wanted),
    stdout,
    stderr,
    finish(status) {
      send(channel.error, Buffer.from(JSON.stringify(status)))
      socket.close(1000)
    },
    gone,
  }
}

/** What the client says, sorted. While nobody takes what it types, nothing more is read from it. */
function inputOf(socket: WebSocket, wanted: WantedStreams): Pick<ExecClient, 'stdin' | 'sizes'> {
  const pause = new Pause(socket)
  const stdin = new Readable({ read: () => pause.end(), highWaterMark: 1024 * 1024 })
  const sizes = new WindowSizes()
  let isOpen = wanted.stdin
  const end = () => {
    if (isOpen) stdin.push(null)
    isOpen = false
  }
  socket.on('message', (data: Buffer) => {
    const text = data.subarray(1)
    if (data[0] === channel.close && data[1] === channel.stdin) end()
    else if (data[0] === channel.resize) sizes.take(`${text}\n`)
    else if (data[0] === channel.stdin && text.length > 0 && isOpen && !stdin.push(text)) pause.begin()
  })
  socket.on('close', end)
  return { stdin: wanted.stdin ? stdin : null, sizes }
}
