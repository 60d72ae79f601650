import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Upgrade, UpgradeProblem } from '../upgrade.ts'

const versionHeader = 'X-Stream-Protocol-Version'

/**
 * Why a client cannot be served by a protocol over SPDY, with its HTTP code; null where it can. As Kubernetes has it
 * (apimachinery's httpstream.Handshake).
 */
export function handshakeProblem({ headers }: IncomingMessage, protocol: string): UpgradeProblem | null {
  const offered = String(headers[versionHeader.toLowerCase()] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
  if (offered.includes(protocol)) return null
  if (offered.length === 0) return { code: 400, message: `unable to upgrade: ${versionHeader} is required` }
  const supports = `client supports [${offered.join(' ')}], server accepts [${protocol}]`
  return { code: 403, message: `unable to upgrade: unable to negotiate protocol: ${supports}` }
}

/** Answers the upgrade; the socket is the client's from here on. */
export function acceptHandshake({ socket, head }: Upgrade, protocol: string): Duplex {
  const accepted = `Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${versionHeader}: ${protocol}`
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${accepted}\r\n\r\n`)
  if (head.length) socket.unshift(head)
  return socket
}
