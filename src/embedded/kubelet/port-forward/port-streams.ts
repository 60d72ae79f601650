import type { Duplex } from 'node:stream'
import { SpdyConnection, type SpdyStream } from '../spdy/index.ts'
import { type ForwardedPod, forwardPort } from './pod-port.ts'

/** A client opens an error stream and a data stream for each connection, under one request ID. */
interface Pair {
  error?: SpdyStream
  data?: SpdyStream
}

/** Serves `portforward.k8s.io`: any number of connections to ports of a pod, over one SPDY connection. */
export function servePortStreams(pod: ForwardedPod, socket: Duplex): void {
  const pairs = new Map<string, Pair>()
  new SpdyConnection(socket, (stream) => {
    const { type, port, problem } = wanted(stream)
    if (problem) return problem
    const id = stream.headers.get('requestid') ?? String(type === 'error' ? stream.id : stream.id - 2)
    const pair = pairs.get(id) ?? {}
    if (pair[type]) return `${type} stream already assigned`
    pair[type] = stream
    pairs.set(id, pair)
    stream.once('close', () => pairs.delete(id))
    const { error, data } = pair
    if (error && data) {
      pairs.delete(id)
      void forward(pod, port, { error, data })
    }
    return undefined
  })
}

async function forward(pod: ForwardedPod, port: number, { error, data }: Required<Pair>): Promise<void> {
  // Only we speak on the error stream; what is never read would never end.
  error.resume()
  const failure = await forwardPort(pod, port, data)
  if (failure) error.write(failure)
  error.end()
  data.end()
  // Whatever the client still has to say, nobody hears any more.
  data.resume()
}

function wanted({ headers }: SpdyStream): { type: 'error' | 'data'; port: number; problem?: string } {
  const type = headers.get('streamtype') === 'error' ? 'error' : 'data'
  const text = headers.get('port') ?? ''
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65535) return { type, port, problem: `unable to parse "${text}" as a port` }
  if (headers.get('streamtype') !== type) return { type, port, problem: 'invalid stream type' }
  return { type, port }
}
