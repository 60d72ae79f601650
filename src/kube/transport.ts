import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { isLabError, LabError, messageOf } from '../errors.ts'
import type { RawRequest } from './client.ts'

export interface Answer {
  status: number
  body: string
}

/**
 * HTTP to one API server over connections that are kept. Addresses, TLS and credentials come from client-node's
 * KubeConfig; its generated clients are left out because they hide the body of an error and cost a second to load.
 */
export interface Transport {
  readonly server: string
  request(path: string, request?: RawRequest): Promise<Answer>
  /** Calls `onLine` for each line of a streaming answer; resolves when the stream ends. */
  stream(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<Answer>
  /** Headers and agent, as a WebSocket needs them. */
  connection(): Promise<Connection>
  close(): void
}

export interface Connection {
  agent: http.Agent
  headers: http.OutgoingHttpHeaders
}

/** `config` needs to know the current cluster and its credentials, no more. */
export function createTransport(
  config: Pick<KubeConfig, 'getCurrentCluster' | 'applyToHTTPSOptions'>,
): Transport {
  const cluster = config.getCurrentCluster()
  if (!cluster) {
    throw new LabError({
      code: 'bad-input',
      message: 'the kubeconfig has no current context with a cluster',
      hint: 'kubectl config get-contexts',
    })
  }
  const server = cluster.server.replace(/\/$/, '')
  let agent: http.Agent | undefined

  async function connection(): Promise<Connection> {
    const options: https.RequestOptions = {}
    await config.applyToHTTPSOptions(options).catch((error: unknown) => {
      throw noCredentials(error, server)
    })
    agent ??= keepAlive(options)
    const headers = { ...(options.headers as http.OutgoingHttpHeaders) }
    if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
    return { agent, headers }
  }

  async function open(path: string, request: RawRequest): Promise<http.IncomingMessage> {
    const { agent, headers } = await connection()
    if (request.body !== undefined) {
      headers['Content-Type'] = request.contentType ?? 'application/json'
      headers['Content-Length'] = Buffer.byteLength(request.body)
    }
    headers.Accept = 'application/json'
    const url = new URL(server + path)
    return new Promise((resolve, reject) => {
      const call = (url.protocol === 'https:' ? https : http).request(
        url,
        { agent, headers, method: request.method ?? 'GET', signal: request.signal },
        resolve,
      )
      call.on('error', reject)
      call.end(request.body)
    })
  }

  return {
    server,
    connection,
    async request(path, request = {}) {
      const deadline = AbortSignal.timeout(request.timeoutMs ?? 30_000)
      const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline
      try {
        for (let attempt = 1; ; attempt++) {
          const response = await open(path, { ...request, signal })
          const body = await text(response)
          const waitMs = retryAfterMs(response)
          if (waitMs === null || attempt === 5) return { status: response.statusCode ?? 0, body }
          await sleep(waitMs, undefined, { signal })
        }
      } catch (error) {
        throw unreachable(error, server, { request, deadline })
      }
    },
    async stream(path, onLine, signal) {
      try {
        const response = await open(path, { signal })
        if (response.statusCode !== 200)
          return { status: response.statusCode ?? 0, body: await text(response) }
        await lines(response, onLine)
        return { status: 200, body: '' }
      } catch (error) {
        if (signal.aborted) return { status: 0, body: '' }
        throw unreachable(error, server, { request: {}, deadline: signal })
      }
    },
    close() {
      agent?.destroy()
    },
  }
}

/** client-node makes a fresh agent per call; one that keeps connections saves a TLS handshake each. */
function keepAlive(options: https.RequestOptions): http.Agent {
  const given = options.agent as http.Agent & { options: https.AgentOptions }
  // A subclass is the way through a proxy and stays.
  if (Object.getPrototypeOf(given) !== https.Agent.prototype) return given
  return new https.Agent({ ...given.options, keepAlive: true, maxSockets: 64, maxFreeSockets: 16 })
}

/** An API server that is busy, or has not yet opened a new kind, says how long to wait; else null. */
function retryAfterMs({ statusCode, headers }: http.IncomingMessage): number | null {
  const seconds = Number(headers['retry-after'])
  if (statusCode !== 429 && statusCode !== 503) return null
  return seconds >= 0 ? Math.min(seconds, 5) * 1000 : null
}

async function text(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function lines(response: http.IncomingMessage, onLine: (line: string) => void): Promise<void> {
  response.setEncoding('utf8')
  let rest = ''
  for await (const chunk of response) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()!
    for (const line of parts) if (line) onLine(line)
  }
}

/** A file that is gone, or a program that should print a token and fails. */
function noCredentials(error: unknown, server: string): LabError {
  return new LabError({
    code: 'missing-permission',
    message: `there are no credentials for the API server at ${server}`,
    cause: messageOf(error),
    hint: 'kubectl auth whoami',
  })
}

function unreachable(
  error: unknown,
  server: string,
  { request, deadline }: { request: RawRequest; deadline: AbortSignal },
): LabError {
  if (isLabError(error)) return error
  if (request.signal?.aborted)
    return new LabError({ code: 'interrupted', message: 'interrupted', hint: 'run it again' })
  if (deadline.aborted) {
    return new LabError({
      code: 'timeout',
      message: `the API server at ${server} did not answer within ${request.timeoutMs ?? 30_000} ms`,
      hint: 'ztlab cluster list',
    })
  }
  return new LabError({
    code: 'cluster-unreachable',
    message: `the API server at ${server} cannot be reached`,
    cause: messageOf(error),
    hint: 'ztlab cluster list',
  })
}
