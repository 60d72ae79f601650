import type { IncomingMessage } from 'node:http'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { acceptHandshake, handshakeProblem } from '../spdy/index.ts'
import { notServed, protocolOf, type Upgrade, type UpgradeProblem } from '../upgrade.ts'
import { guard, maxMessageBytes } from '../web-socket.ts'
import type { ForwardedPod } from './pod-port.ts'
import { servePortChannels } from './port-channels.ts'
import { servePortStreams } from './port-streams.ts'

export type { ForwardedPod }

const spdyProtocol = 'portforward.k8s.io'
/** kubectl 1.31 and later: SPDY as ever, but inside a WebSocket. */
const tunnelProtocol = `SPDY/3.1+${spdyProtocol}`
const channelProtocol = 'v4.channel.k8s.io'
/** A slash is not allowed in the name of a WebSocket's protocol, and `ws` holds to that: the tunnel goes by this name. */
const tunnelAlias = tunnelProtocol.replace('/', '-')

const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: maxMessageBytes,
  handleProtocols: (offered) =>
    [tunnelAlias, channelProtocol].find((protocol) => offered.has(protocol)) ?? false,
})
sockets.on('headers', (lines) => {
  lines.forEach((line, index) => {
    lines[index] = line.replace(tunnelAlias, tunnelProtocol)
  })
})

/** Why a request to forward ports cannot be served, with its HTTP code; null where it can. */
export function portForwardProblem(asked: Upgrade): UpgradeProblem | null {
  const { request, query } = asked
  const protocol = protocolOf(asked)
  if (protocol === 'spdy/3.1') return handshakeProblem(request, spdyProtocol)
  if (protocol !== 'websocket') return notServed(protocol)
  const { problem } = portsOf(query)
  return problem && !isTunnel(request) ? { code: 400, message: problem } : null
}

/** Forwards ports of a pod in the way that the client asks for: SPDY, SPDY inside a WebSocket, or channels of one. */
export function servePortForward(pod: ForwardedPod, asked: Upgrade): void {
  const { request, socket, head, query } = asked
  if (protocolOf(asked) === 'spdy/3.1') {
    servePortStreams(pod, acceptHandshake(asked, spdyProtocol))
    return
  }
  if (isTunnel(request)) request.headers['sec-websocket-protocol'] = tunnelAlias
  sockets.handleUpgrade(request, socket, head, (client) => {
    guard(client)
    if (client.protocol === tunnelAlias) servePortStreams(pod, createWebSocketStream(client))
    else servePortChannels(pod, portsOf(query).ports, client)
  })
}

function isTunnel({ headers }: IncomingMessage): boolean {
  return String(headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .some((protocol) => protocol.trim() === tunnelProtocol)
}

/** A channel is one byte, and each port has two. */
const maxPorts = 128

/** The ports that a client of channels names, in its query. */
function portsOf(query: URLSearchParams): { ports: number[]; problem?: string } {
  const texts = [...query.getAll('ports'), ...query.getAll('port')].flatMap((each) => each.split(','))
  if (!texts.length) return { ports: [], problem: 'query parameter "port" is required' }
  if (texts.length > maxPorts)
    return { ports: [], problem: `${texts.length} ports are more than the ${maxPorts} of a connection` }
  const bad = texts.find((text) => !/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65535)
  return { ports: texts.map(Number), problem: bad && `unable to parse "${bad}" as a port` }
}
