import { type Duplex, Writable } from 'node:stream'
import { SpdyConnection, type SpdyStream } from '../spdy/index.ts'
import type { ExecClient, WantedStreams } from './exec-client.ts'
import { WindowSizes } from './window-sizes.ts'

/** With a `Status` on the error stream and window sizes; what came before it is no longer asked for. */
export const spdyProtocol = 'v4.channel.k8s.io'

/** As long as a kubelet waits for the streams of a client (pkg/kubelet/server, DefaultStreamCreationTimeout). */
const openingTimeoutMs = 30_000

/** What a stream's header `streamtype` may say. */
const streamTypes = ['error', 'stdin', 'stdout', 'stderr', 'resize']

/**
 * A client that opens a SPDY stream for each of stdin, stdout, stderr, its window's sizes and the error, named by their
 * header `streamtype`. Rejects where it goes before it has opened as many as it wants.
 */
export async function spdyClient(socket: Duplex, wanted: WantedStreams): Promise<ExecClient> {
  const { connection, streams } = await streamsOf(socket, countOf(wanted))
  const stdin = wanted.stdin ? streams.get('stdin') : undefined
  const resizes = wanted.tty ? streams.get('resize') : undefined
  const error = streams.get('error')!
  const sizes = new WindowSizes()
  resizes?.on('data', (chunk: Buffer) => sizes.take(chunk.toString()))
  // On the others only we speak; what is never read would never end.
  for (const stream of streams.values()) if (stream !== stdin && stream !== resizes) stream.resume()
  return {
    stdin: stdin ?? null,
    stdout: streams.get('stdout') ?? discarding(),
    stderr: streams.get('stderr') ?? discarding(),
    sizes,
    finish: (status) => error.end(JSON.stringify(status), () => connection.close()),
    gone: new Promise((resolve) => socket.once('close', () => resolve())),
  }
}

/**
 * How many streams a kubelet waits for. It counts them and does not ask which: a program of client-go that wants stderr
 * with a terminal, and does not say so to its own library, opens stderr instead of the sizes, and is served.
 */
function countOf({ stdin, stdout, stderr, tty }: WantedStreams): number {
  return [true, stdin, stdout, stderr && !tty, tty].filter(Boolean).length
}

interface Opened {
  connection: SpdyConnection
  streams: Map<string, SpdyStream>
}

function streamsOf(socket: Duplex, count: number): Promise<Opened> {
  const streams = new Map<string, SpdyStream>()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(), openingTimeoutMs)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error(`the client went when it had opened ${streams.size} of ${count} streams`))
    })
    const connection = new SpdyConnection(socket, (stream) => {
      const type = stream.headers.get('streamtype') ?? ''
      const isLate = streams.size >= count
      if (isLate || !streamTypes.includes(type) || streams.has(type)) return `no ${type} stream is expected`
      streams.set(type, stream)
      // Without the error stream, nothing can be told how it ended.
      if (streams.size === count && streams.has('error'))
        stream.once('ready', () => {
          clearTimeout(timer)
          resolve({ connection, streams })
        })
      return undefined
    })
  })
}

function discarding(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
