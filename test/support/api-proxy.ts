import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { KubeConfig } from '@kubernetes/client-node'
import { parse, stringify } from 'yaml'
import { makeCertificate } from '../../src/embedded/api/tls.ts'

/** A request on its way to the API server. */
export interface Call {
  method: string
  path: string
  /** Of exec, attach and port-forward. */
  upgrade: boolean
}

/**
 * What becomes of a call: it is passed on (null), answered here, never answered (`hang`), its connection is closed
 * (`cut`), or it is passed on and closed once its first bytes have come back (`cut-after`).
 */
export type Fate = null | { status: number; body: object } | 'hang' | 'cut' | 'cut-after'

/** Something between a client and an API server, which can fail in all the ways that networks and servers do. */
export interface ApiProxy {
  /** YAML of a kubeconfig that leads through it, with the credentials of the other one. */
  kubeconfig: string
  calls: Call[]
  /** Ends it as a server that dies: all connections at once, and nobody listens any more. */
  die(): void
}

/** Puts a proxy before the current context of a kubeconfig while `use` takes. */
export async function withApiProxy(
  kubeconfig: string,
  fateOf: (call: Call, proxy: ApiProxy) => Fate,
  use: (proxy: ApiProxy) => Promise<void>,
): Promise<void> {
  const { certificate, key } = makeCertificate()
  const upstream = await upstreamOf(kubeconfig)
  const server = https.createServer({ cert: certificate, key })
  const sockets = new Set<Duplex>()
  server.on('secureConnection', (socket) => {
    if (dead) socket.destroy()
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  let dead = false
  const die = () => {
    if (dead) return
    dead = true
    for (const socket of sockets) socket.destroy()
    // Not from within a request of its own.
    setImmediate(() => server.close())
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy: ApiProxy = {
    kubeconfig: leadingTo(kubeconfig, `https://127.0.0.1:${port}`, certificate),
    calls: [],
    die,
  }
  const note = ({ method = '', url: path = '' }: IncomingMessage, upgrade: boolean) => {
    const call = { method, path, upgrade }
    proxy.calls.push(call)
    return fateOf(call, proxy)
  }
  server.on('request', (request, response) =>
    forward(request, response, { upstream, fate: note(request, false) }),
  )
  server.on('upgrade', (request, socket) => tunnel(request, socket, { upstream, fate: note(request, true) }))
  try {
    await use(proxy)
  } finally {
    die()
    upstream.agent.destroy()
  }
}

interface Upstream {
  url: URL
  agent: https.Agent
  headers: http.OutgoingHttpHeaders
}

async function upstreamOf(kubeconfig: string): Promise<Upstream> {
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  const options: https.RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const headers = options.headers as http.OutgoingHttpHeaders
  return { url: new URL(config.getCurrentCluster()!.server), agent: options.agent as https.Agent, headers }
}

function leadingTo(kubeconfig: string, server: string, certificate: string): string {
  // biome-ignore lint/suspicious/noExplicitAny: entries of a kubeconfig are free-form
  const config = parse(kubeconfig) as { clusters: { cluster: any }[] }
  const authority = Buffer.from(certificate).toString('base64')
  for (const entry of config.clusters) entry.cluster = { server, 'certificate-authority-data': authority }
  return stringify(config)
}

interface Way {
  upstream: Upstream
  fate: Fate
}

/** Credentials of the client go before those of the proxy: it may be somebody else. */
function onward({ method, url, headers }: IncomingMessage, { upstream }: Way): http.ClientRequest {
  const { host: _host, ...own } = headers
  const { agent } = upstream
  return https.request(new URL(url!, upstream.url), {
    method,
    agent,
    headers: { ...upstream.headers, ...own },
  })
}

function forward(request: IncomingMessage, response: ServerResponse, way: Way): void {
  const { fate } = way
  if (fate === 'hang') return
  if (fate === 'cut') return void request.socket.destroy()
  if (fate !== null && fate !== 'cut-after') {
    response.writeHead(fate.status, { 'content-type': 'application/json' })
    return void response.end(JSON.stringify(fate.body))
  }
  const call = onward(request, way)
  call.on('error', () => request.socket.destroy())
  call.on('response', (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.on('error', () => response.destroy()).pipe(response)
    if (fate === 'cut-after') answer.once('data', () => request.socket.destroy())
  })
  response.on('close', () => call.destroy())
  request.pipe(call)
}

function tunnel(request: IncomingMessage, socket: Duplex, way: Way): void {
  const { fate } = way
  if (fate === 'hang') return
  if (fate === 'cut') return void socket.destroy()
  if (fate !== null && fate !== 'cut-after') {
    refuse(socket, fate)
    return
  }
  const call = onward(request, way)
  call.on('error', () => socket.destroy())
  call.on('response', async (answer) => {
    const body = await answer.toArray()
    refuse(socket, { status: answer.statusCode!, body: JSON.parse(Buffer.concat(body).toString()) })
  })
  call.on('upgrade', (answer, other, head) => {
    const lines = answer.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : [],
    )
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
    socket.write(head)
    other.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => other.destroy())
    if (fate === 'cut-after') socket.once('data', () => socket.destroy())
    other.pipe(socket).pipe(other)
  })
  call.end()
}

function refuse(socket: Duplex, { status, body }: { status: number; body: object }): void {
  const text = JSON.stringify(body)
  const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`
  socket.end(
    `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
}
