import { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { LabError, messageOf } from '../errors.ts'
import type { PortForwardRequest } from './client.ts'
import { upgradeRefusal } from './exec.ts'
import type { Transport } from './transport.ts'

/**
 * A connection to a port of a pod over one WebSocket (see KubeClient.portForward).
 * `v4.channel.k8s.io`: channel 0 carries the data, channel 1 says what went wrong; both begin with the port, in two
 * bytes. Source: k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go.
 */
export async function forwardPort(transport: Transport, request: PortForwardRequest): Promise<Duplex> {
  const { namespace, pod, port, timeoutMs = 10_000, signal } = request
  const where = `port ${port} of ${namespace}/${pod}`
  const { agent, headers } = await transport.connection()
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward`
  const url = `${transport.server.replace(/^http/, 'ws')}${path}?ports=${port}`
  const socket = new WebSocket(url, ['v4.channel.k8s.io'], {
    agent,
    headers: headers as Record<string, string>,
    perMessageDeflate: false,
    handshakeTimeout: timeoutMs,
  })
  const stream = streamOf(socket, where)
  signal?.addEventListener('abort', () => stream.destroy(), { once: true })
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(stream))
    socket.on('error', (error) => reject(lost(where, messageOf(error))))
    socket.on('unexpected-response', (_call, response) =>
      upgradeRefusal(response, where).then(reject, reject),
    )
    stream.on('error', reject)
  })
}

const data = 0
const portBytes = 2

function streamOf(socket: WebSocket, where: string): Duplex {
  const skip = [portBytes, portBytes]
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => socket.send(Buffer.concat([Buffer.of(data), chunk]), done),
    final(done) {
      socket.close()
      done()
    },
    destroy(error, done) {
      socket.terminate()
      done(error)
    },
  })
  socket.on('message', (message: Buffer) => {
    const channel = message[0]!
    const from = 1 + (skip[channel] ?? 0)
    skip[channel] = 0
    const chunk = message.subarray(from)
    if (chunk.length === 0) return
    if (channel !== data) stream.destroy(lost(where, chunk.toString('utf8').trim()))
    else if (!stream.push(chunk)) socket.pause()
  })
  socket.on('error', (error) => stream.destroy(lost(where, messageOf(error))))
  socket.on('close', () => stream.push(null))
  return stream
}

function lost(where: string, why: string): LabError {
  return new LabError({
    code: 'cluster-unreachable',
    message: `the connection to ${where} was lost`,
    cause: why,
    hint: 'kubectl get pods -A -o wide',
  })
}
