import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { acceptHandshake, handshakeProblem } from '../spdy/index.ts'
import { guard, maxMessageBytes } from '../web-socket.ts'
import type { ExecClient, WantedStreams } from './exec-client.ts'
import { spdyClient, spdyProtocol } from './spdy-client.ts'
import { webSocketClient, webSocketProtocols } from './web-socket-client.ts'

export { execFailure, serveProcess } from './serve-process.ts'
export { attachStreams, execStreams, type StreamedProcess } from './streamed-process.ts'

export interface ExecRequest {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
  query: URLSearchParams
}

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: maxMessageBytes,
  handleProtocols: (offered) => webSocketProtocols.find((protocol) => offered.has(protocol)) ?? false,
})

/** Why a request to run a command or to attach cannot be served; null where it can. */
export function execProblem({ request }: ExecRequest): { code: number; message: string } | null {
  const upgrade = request.headers.upgrade?.toLowerCase()
  if (upgrade === 'websocket') return null
  if (upgrade !== 'spdy/3.1')
    return { code: 400, message: `unable to upgrade to ${upgrade}: websocket and SPDY/3.1 are served` }
  return handshakeProblem(request, spdyProtocol)
}

/**
 * Answers the upgrade in the way that the client asks for: WebSocket, or SPDY as kubectl did before 1.31 and programs
 * of client-go do. Rejects where the client goes before it is ready.
 */
export function acceptExec(asked: ExecRequest): Promise<ExecClient> {
  const { request, socket, head, query } = asked
  const wanted = wantedOf(query)
  if (request.headers.upgrade?.toLowerCase() !== 'websocket')
    return spdyClient(acceptHandshake(asked, spdyProtocol), wanted)
  return new Promise((resolve) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      // At once: its first message may be there.
      resolve(webSocketClient(guard(client), wanted))
    })
  })
}

/** What a query asks for, as the API has it. */
export function wantedOf(query: URLSearchParams): WantedStreams {
  const isOn = (name: string) => query.get(name) === 'true' || query.get(name) === '1'
  return { stdin: isOn('stdin'), stdout: isOn('stdout'), stderr: isOn('stderr'), tty: isOn('tty') }
}
