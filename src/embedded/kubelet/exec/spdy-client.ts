import { type Duplex, Readable, Writable } from 'node:stream'
import { SpdyConnection, type SpdyStream } from '../spdy/index.ts'
import type { ExecClient, WantedStreams } from './exec-client.ts'

/** With a `Status` on the error stream and window sizes; what came before it is no longer asked for. */
export const spdyProtocol = 'v4.channel.k8s.io'

/** As long as a kubelet waits for the streams of a client (pkg/kubelet/server, DefaultStreamCreationTimeout). */
const openingTimeoutMs = 30_000

/**
 * A client that opens a SPDY stream for each of stdin, stdout, stderr, its window's sizes and the error, named by their
 * header `streamtype`. Rejects where it goes before it has opened all it wants.
 */
export async function spdyClient(socket: Duplex, wanted: WantedStreams): Promise<ExecClient> {
  const { connection, streams } = await streamsOf(socket, typesOf(wanted))
  const error = streams.get('error')!
  // Only we speak on these; what is never read would never end.
  for (const type of ['error', 'stdout', 'stderr']) streams.get(type)?.resume()
  return {
    stdin: streams.get('stdin') ?? null,
    stdout: streams.get('stdout') ?? discarding(),
    stderr: streams.get('stderr') ?? discarding(),
    sizes: streams.get('resize') ?? Readable.from([]),
    finish: (status) => error.end(JSON.stringify(status), () => connection.close()),
    gone: new Promise((resolve) => socket.once('close', () => resolve())),
  }
}

function typesOf({ stdin, stdout, stderr, tty }: WantedStreams): string[] {
  const wanted = { error: true, stdin, stdout, stderr: stderr && !tty, resize: tty }
  return Object.entries(wanted).flatMap(([type, isWanted]) => (isWanted ? [type] : []))
}

interface Opened {
  connection: SpdyConnection
  streams: Map<string, SpdyStream>
}

function streamsOf(socket: Duplex, types: string[]): Promise<Opened> {
  const streams = new Map<string, SpdyStream>()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(), openingTimeoutMs)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error(`the client went before it had opened its streams (${types.join(', ')})`))
    })
    const connection = new SpdyConnection(socket, (stream) => {
      const type = stream.headers.get('streamtype') ?? ''
      if (!types.includes(type) || streams.has(type)) return `no ${type} stream is expected`
      streams.set(type, stream)
      if (streams.size === types.length)
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
