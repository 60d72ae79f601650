import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { IpVersion } from '../../cidr.ts'
import type { ApiClient, ResourceType } from '../api-client/index.ts'
import { maxHeaderSize } from '../max-header-size.ts'
import { type HttpContext, handleHttp, handleUpgrade } from './http.ts'
import { followingReplica, inProcessClient } from './in-process-client.ts'
import { kubeconfig } from './kubeconfig.ts'
import { Registry } from './registry.ts'
import { refuseUpgrade } from './relay.ts'
import type { UserInfo } from './service-account-tokens.ts'
import { StatusError, statusOf } from './status-error.ts'
import { Store } from './store.ts'
import { makeCertificate } from './tls.ts'

export interface ApiServerOptions {
  /** Name of the cluster, for the kubeconfig. */
  name: string
  /** Plain HTTP, mode 0600: whoever may open it is let in. */
  apiSocket: string
  /** TLS, and a token is needed: where the node relays what pods send to the Service `kubernetes`. Mode 0600. */
  tlsSocket?: string
  kubeletSocket: string
  /** IP families of the cluster. Default: IPv4. */
  families?: IpVersion[]
  log(line: string): void
}

export interface ApiServer {
  /** On 127.0.0.1, TLS. */
  readonly port: number
  /** PEM: the authority that pods and clients trust this server by. */
  readonly certificate: string
  /** YAML; carries the authority and the token. */
  readonly kubeconfig: string
  /** The API for a component of this process, under the name it writes by. */
  client(fieldManager: string): ApiClient
  /** Calls the listener with each kind that a CustomResourceDefinition adds. */
  onType(listener: (type: ResourceType) => void): void
  /** `quiet` resolves once the controllers have nothing to do; settled waits for it. */
  setQuiet(quiet: () => Promise<void>): void
  close(): Promise<void>
}

/** Starts the API server on its Unix socket and, with a token and a certificate of its own, on 127.0.0.1. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { name, apiSocket, tlsSocket, kubeletSocket, log } = options
  const registry = new Registry(new Store(), options.families)
  const replica = followingReplica(registry)
  const context: HttpContext = { registry, kubeletSocket, quiet: () => Promise.resolve(), log }
  const token = randomBytes(32).toString('base64url')
  const { certificate, key } = makeCertificate()
  const local = serve(createHttpServer({ maxHeaderSize }), context, () => ourselves)
  const authenticate = bearerOf(token, registry)
  const secured = { cert: certificate, key, maxHeaderSize }
  const remote = serve(createHttpsServer(secured), context, authenticate)
  const relayed = serve(createHttpsServer(secured), context, authenticate)
  await Promise.all([
    listenAtSocket(local, apiSocket),
    listenAtLoopback(remote),
    ...(tlsSocket ? [listenAtSocket(relayed, tlsSocket)] : []),
  ])
  const { port } = remote.address() as AddressInfo
  return {
    port,
    certificate,
    kubeconfig: kubeconfig({ name, port, certificate, token }),
    client: (fieldManager) => inProcessClient(registry, replica, fieldManager),
    onType: (listener) => registry.kinds.onAdd(listener),
    setQuiet(quiet) {
      context.quiet = quiet
    },
    async close() {
      await Promise.all([local, remote, relayed].map(closeServer))
    },
  }
}

/** Who sends a request; null for nobody that is known. */
type Authenticate = (request: IncomingMessage) => UserInfo | null

/** What a request may take to arrive, head and body; an answer, such as a watch, takes what it likes. */
const requestTimeoutMs = 60_000

function serve<S extends Server>(server: S, context: HttpContext, userOf: Authenticate): S {
  server.keepAliveTimeout = 0
  server.requestTimeout = requestTimeoutMs
  server.on('request', (request: IncomingMessage, response) => {
    const user = userOf(request)
    if (user) {
      void handleHttp({ ...context, user }, request, response)
      return
    }
    const headers = { 'content-type': 'application/json', 'www-authenticate': 'Bearer' }
    response.writeHead(401, headers).end(JSON.stringify(statusOf(unauthorized())))
  })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (userOf(request)) handleUpgrade(context, request, socket, head)
    else refuseUpgrade(socket, unauthorized())
  })
  return server
}

const ourselves: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
}
const administrator: UserInfo = {
  username: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
}

/** The token of the kubeconfig, or one of a service account. */
function bearerOf(token: string, registry: Registry): Authenticate {
  const expected = Buffer.from(token)
  return ({ headers }) => {
    const sent = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
    if (sent === undefined) return null
    const bytes = Buffer.from(sent)
    if (bytes.length === expected.length && timingSafeEqual(bytes, expected)) return administrator
    return registry.tokens.userOf(sent)
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
