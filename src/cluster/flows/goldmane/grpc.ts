import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Duplex } from 'node:stream'
import { LabError, messageOf } from '../../../errors.ts'

/** A connection to a gRPC server. */
export interface GrpcConnection {
  /**
   * The messages that answer one. Throws `cluster-failed` with what the server says against it, or where the
   * connection breaks; ends without an error once `until` is aborted.
   */
  call(method: string, message: Buffer, until: AbortSignal): AsyncGenerator<Buffer>
  close(): void
}

/**
 * Speaks gRPC over a connection that stands (github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Throws
 * `cluster-failed` where nobody speaks HTTP/2 at its other end within `timeoutMs`.
 */
export async function grpcOver(
  stream: Duplex,
  { authority, timeoutMs }: { authority: string; timeoutMs: number },
): Promise<GrpcConnection> {
  const session = connect(`https://${authority}`, { createConnection: () => stream })
  try {
    await once(session, 'remoteSettings', { signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    session.destroy()
    const isLate = messageOf(error).includes('aborted')
    throw failed(authority, isLate ? `it did not answer within ${timeoutMs} ms` : messageOf(error))
  }
  // Each call hears of it by itself.
  session.on('error', () => undefined)
  return {
    call: (method, message, until) => call(session, { authority, method, message, until }),
    close: () => session.destroy(),
  }
}

interface Call {
  authority: string
  method: string
  message: Buffer
  until: AbortSignal
}

async function* call(session: ClientHttp2Session, asked: Call): AsyncGenerator<Buffer> {
  const { authority, method, message, until } = asked
  const request = session.request({
    ':method': 'POST',
    ':path': method,
    te: 'trailers',
    'content-type': 'application/grpc',
  })
  let status: Record<string, unknown> = {}
  request.on('response', (headers) => {
    status = headers
  })
  request.on('trailers', (trailers) => {
    status = trailers
  })
  const end = () => request.close(constants.NGHTTP2_CANCEL)
  until.addEventListener('abort', end)
  try {
    if (until.aborted) return
    request.end(framed(message))
    yield* messagesOf(request)
    if (until.aborted) return
    const code = status['grpc-status']
    if (code === undefined) throw new Error('the connection ended')
    if (Number(code) !== 0) throw new Error(saidBy(status))
  } catch (error) {
    if (!until.aborted) throw failed(`${authority} ${method}`, messageOf(error))
  } finally {
    until.removeEventListener('abort', end)
    request.destroy()
  }
}

/** Uncompressed, and its length. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** More than any list of flows; a length that is larger is none. */
const longest = 256 * 1024 * 1024

async function* messagesOf(request: ClientHttp2Stream): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of request) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    while (rest.length >= 5) {
      const length = rest.readUInt32BE(1)
      if (rest[0] !== 0 || length > longest) throw new Error('it answers with frames that are none of gRPC')
      if (rest.length < 5 + length) break
      yield rest.subarray(5, 5 + length)
      rest = rest.subarray(5 + length)
    }
  }
}

function saidBy(status: Record<string, unknown>): string {
  const text = String(status['grpc-message'] ?? '')
  return `status ${status['grpc-status']}${text ? `: ${text.replace(/(%[0-9A-F]{2})+/gi, decodeURIComponent)}` : ''}`
}

function failed(whom: string, why: string): LabError {
  return new LabError({
    code: 'cluster-failed',
    message: `${whom} does not answer as it should`,
    cause: why,
    hint: 'kubectl -n calico-system logs deployment/goldmane',
  })
}
