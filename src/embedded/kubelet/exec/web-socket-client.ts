import { Readable, Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import type { ExecClient, WantedStreams } from './exec-client.ts'

/** The first byte of each message, of Kubernetes' remotecommand; in v5 the client ends stdin with (255, 0). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Subprotocols, the preferred first. */
export const webSocketProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

/** While nothing is read from a client, only what is said to it tells whether it is still there. */
const pingEveryMs = 5_000

export function webSocketClient(socket: WebSocket, wanted: WantedStreams): ExecClient {
  const send = (number: number, chunk: Buffer, sent: (error?: Error | null) => void = () => undefined) =>
    socket.send(Buffer.concat([Buffer.of(number), chunk]), sent)
  const output = (number: number, isWanted: boolean) =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => (isWanted ? send(number, chunk, done) : done()),
    }).on('error', () => undefined)
  const input = inputOf(socket)
  return {
    stdin: wanted.stdin ? input.stdin : null,
    stdout: output(channel.stdout, wanted.stdout),
    stderr: output(channel.stderr, wanted.stderr),
    sizes: input.sizes,
    finish(status) {
      send(channel.error, Buffer.from(JSON.stringify(status)))
      socket.close(1000)
    },
    gone: new Promise((resolve) => socket.once('close', () => resolve())),
  }
}

/** What the client says, sorted. While nobody takes what it types, nothing more is read from it. */
function inputOf(socket: WebSocket): { stdin: Readable; sizes: Readable } {
  let pinging: NodeJS.Timeout | undefined
  const resume = () => {
    clearInterval(pinging)
    socket.resume()
  }
  const stdin = new Readable({ read: resume, highWaterMark: 1024 * 1024 })
  const sizes = new Readable({ read: () => undefined })
  let isOpen = true
  const end = () => {
    if (isOpen) stdin.push(null)
    isOpen = false
  }
  socket.on('message', (data: Buffer) => {
    const text = data.subarray(1)
    if (data[0] === channel.close && data[1] === channel.stdin) end()
    else if (data[0] === channel.resize) sizes.push(`${text}\n`)
    else if (data[0] === channel.stdin && text.length > 0 && isOpen && !stdin.push(text)) {
      socket.pause()
      clearInterval(pinging)
      pinging = setInterval(() => socket.ping(), pingEveryMs)
    }
  })
  socket.on('close', () => {
    clearInterval(pinging)
    end()
    sizes.push(null)
  })
  return { stdin, sizes }
}
