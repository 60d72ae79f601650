import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ApiClient } from '../api-client/index.ts'
import { type HttpContext, handleHttp, handleUpgrade } from './http.ts'
import { followingReplica, inProcessClient } from './in-process-client.ts'
import { kubeconfig } from './kubeconfig.ts'
import { Registry } from './registry.ts'
import { refuseUpgrade } from './relay.ts'
import { StatusError, statusOf } from './status-error.ts'
import { Store } from './store.ts'
import { makeCertificate } from './tls.ts'

export interface ApiServerOptions {
  /** Name of the cluster, for the kubeconfig. */
  name: string
  /** Plain HTTP, mode 0600: whoever may open it is let in. */
  apiSocket: string
  kubeletSocket: string
  log(line: string): void
}

export interface ApiServer {
  /** On 127.0.0.1, TLS. */
  readonly port: number
  /** YAML; carries the authority and the token. */
  readonly kubeconfig: string
  /** The API for a component of this process, under the name it writes by. */
  client(fieldManager: string): ApiClient
  /** `quiet` resolves once the controllers have nothing to do; settled waits for it. */
  setQuiet(quiet: () => Promise<void>): void
  close(): Promise<void>
}

/** Starts the API server on its Unix socket and, with a token and a certificate of its own, on 127.0.0.1. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { name, apiSocket, kubeletSocket, log } = options
  const registry = new Registry(new Store())
  const replica = followingReplica(registry)
  const context: HttpContext = { registry, kubeletSocket, quiet: () => Promise.resolve(), log }
  const token = randomBytes(32).toString('base64url')
  const { certificate, key } = makeCertificate()
  const local = serve(createHttpServer(), context, () => true)
  const remote = serve(createHttpsServer({ cert: certificate, key }), context, bearerCheck(token))
  await Promise.all([listenAtSocket(local, apiSocket), listenAtLoopback(remote)])
  const { port } = remote.address() as AddressInfo
  return {
    port,
    kubeconfig: kubeconfig({ name, port, certificate, token }),
    client: (fieldManager) => inProcessClient(registry, replica, fieldManager),
    setQuiet(quiet) {
      context.quiet = quiet
    },
    async close() {
      await Promise.all([closeServer(local), closeServer(remote)])
    },
  }
}

type Check = (request: IncomingMessage) => boolean

function serve<S extends Server>(server: S, context: HttpContext, isAllowed: Check): S {
  server.keepAliveTimeout = 0
  server.requestTimeout = 0
  server.on('request', (request: IncomingMessage, response) => {
    if (isAllowed(request)) {
      void handleHttp(context, request, response)
      return
    }
    const headers = { 'content-type': 'application/json', 'www-authenticate': 'Bearer' }
    response.writeHead(401, headers).end(JSON.stringify(statusOf(unauthorized())))
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (isAllowed(request)) handleUpgrade(context, request, socket, head)
    else refuseUpgrade(socket, unauthorized())
  })
  return server
}

function bearerCheck(token: string): Check {
  const expected = Buffer.from(`Bearer ${token}`)
  return ({ headers }) => {
    const sent = Buffer.from(headers.authorization ?? '')
    return sent.length === expected.length && timingSafeEqual(sent, expected)
  }
}

function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}

function listenAtSocket(server: Server, path: string): Promise<void> {
  // The umask makes the socket 0600 from its first moment.
  const umask = process.umask(0o177)
  return listening(server, () => server.listen(path)).finally(() => process.umask(umask))
}

function listenAtLoopback(server: Server): Promise<void> {
  return listening(server, () => server.listen(0, '127.0.0.1'))
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
    listen()
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
