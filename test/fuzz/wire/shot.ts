import type { Random } from '../../support/random-policies/random.ts'

/**
 * What shots need whose answer is known lies in a namespace of its own: the requests of the conformance list are about
 * `shop`, and one in ten thousand deletes that.
 */
export const ownNamespace = 'fuzzing'

/** What goes over one connection, and what may come back. */
export interface Shot {
  /** Names it in a report. */
  what: string
  bytes: Buffer
  /** Sent once the upgrade is answered. */
  frames?: Buffer
  /** How long it stays after its frames. Default: as long as an answer may take. */
  staysMs?: number
  /** Codes that are right; null is a connection that is closed without a word. */
  right(code: number | null): boolean
  /** The server may wait for more of it, and for that nobody has to wait. */
  isPartial?: boolean
  /** Whether an error has to be a `Status` with the same code. */
  saysStatus: boolean
}

export interface Aim {
  random: Random
  /** A valid token; without one every request that can be parsed is answered with 401. */
  token: string | null
}

/** A request as bytes. */
export function httpBytes(request: {
  method: string
  path: string
  headers: Record<string, string>
  body?: Buffer
}): Buffer {
  const { method, path, headers, body } = request
  const all: Record<string, string> = { host: 'api', connection: 'close', ...headers }
  if (body) all['content-length'] ??= String(body.length)
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  // As it stands: what a client's own library would refuse to send is meant to arrive.
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'utf8')
  return body ? Buffer.concat([head, body]) : head
}

export function authorization(token: string | null): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

/** Never the server's own fault. */
export function noFault(code: number | null): boolean {
  return code !== null && code >= 200 && code < 500
}
