import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A request to go on by another protocol than HTTP, with the first bytes that came after it. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
  query: URLSearchParams
}

/** Why one cannot be served, with its HTTP code. */
export interface UpgradeProblem {
  code: number
  message: string
}

/** The protocol that it asks for, in lower case. */
export function protocolOf({ request }: Pick<Upgrade, 'request'>): string | undefined {
  return request.headers.upgrade?.toLowerCase()
}

export function notServed(protocol: string | undefined): UpgradeProblem {
  return { code: 400, message: `unable to upgrade to ${protocol}: websocket and SPDY/3.1 are served` }
}
