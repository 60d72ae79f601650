import { WebSocketServer } from 'ws'
import { acceptHandshake, handshakeProblem } from '../spdy/index.ts'
import { notServed, protocolOf, type Upgrade, type UpgradeProblem } from '../upgrade.ts'
import { guard, maxMessageBytes } from '../web-socket.ts'
import type { ExecClient, WantedStreams } from './exec-client.ts'
import { spdyClient, spdyProtocol } from './spdy-client.ts'
import { webSocketClient, webSocketProtocols } from './web-socket-client.ts'

export { execFailure, serveProcess } from './serve-process.ts'
export { attachStreams, execStreams, type StreamedProcess } from './streamed-process.ts'

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: maxMessageBytes,
  handleProtocols: (offered) => webSocketProtocols.find((protocol) => offered.has(protocol)) ?? false,
})

const noStreams = 'you must specify at least 1 of stdin, stdout, stderr'

/** Why a request to run a command or to attach cannot be served; null where it can. */
export function execProblem(asked: Upgrade): UpgradeProblem | null {
  const protocol = protocolOf(asked)
  if (wantsNothing(asked.query)) return { code: 400, message: noStreams }
  if (protocol === 'websocket') return null
  return protocol === 'spdy/3.1' ? handshakeProblem(asked.request, spdyProtocol) : notServed(protocol)
}

/**
 * Answers the upgrade in the way that the client asks for: WebSocket, or SPDY as kubectl did before 1.31 and programs
 * of client-go do. Rejects where the client goes before it is ready.
 */
export function acceptExec(asked: Upgrade): Promise<ExecClient> {
  const { request, socket, head, query } = asked
  const wanted = wantedOf(query)
  if (protocolOf(asked) !== 'websocket') return spdyClient(acceptHandshake(asked, spdyProtocol), wanted)
  return new Promise((resolve) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      // At once: its first message may be there.
      resolve(webSocketClient(guard(client), wanted))
    })
  })
}

/** By the rule of a kubelet (k8s.io/kubelet, pkg/cri/streaming/remotecommand, NewOptions). */
function wantsNothing(query: URLSearchParams): boolean {
  const { stdin, stdout, stderr, tty } = wantedOf(query)
  return !stdin && !stdout && !(stderr && !tty)
}

/** What a query asks for, as the API has it. */
export function wantedOf(query: URLSearchParams): WantedStreams {
  const isOn = (name: string) => query.get(name) === 'true' || query.get(name) === '1'
  return { stdin: isOn('stdin'), stdout: isOn('stdout'), stderr: isOn('stderr'), tty: isOn('tty') }
}
