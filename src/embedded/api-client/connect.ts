import { Agent, type IncomingMessage, request } from 'node:http'
import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, ApiError, type ObjectRef, type ResourceType } from './api-client.ts'
import { type LogEntry, Replica } from './replica.ts'
import { resourcePath } from './resources.ts'
import { socketAppeared } from './socket-appeared.ts'

export interface ConnectOptions {
  /** How long to wait for a server that does not listen yet. Default 5,000. */
  waitMs?: number
  /** Called once when the log ends although nobody closed the client: the API server is gone. */
  onLost?: (error: Error) => void
}

/**
 * Connects to the API server's Unix socket and opens its log. Resolves once the log answers; rejects with an
 * `ApiError` of code 503 where nobody listens within `waitMs`.
 */
export async function connectApi(socketPath: string, options: ConnectOptions = {}): Promise<ApiClient> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const replica = new Replica()
  const send = (sent: SentRequest) => exchange({ ...sent, socketPath, agent })
  await socketAppeared(socketPath, options.waitMs ?? 5_000)
  const log = await openLog(socketPath, replica, options.onLost)
  return {
    get revision() {
      return replica.revision
    },
    onRevision: (listener) => replica.onRevision(listener),
    inform: (type, onChange) => replica.inform(type, onChange),
    async list(type, namespace) {
      const list = await send({ method: 'GET', path: resourcePath(type, namespace) })
      return { items: list.items, resourceVersion: String(list.metadata.resourceVersion) }
    },
    get: (type, name, namespace) => send({ method: 'GET', path: resourcePath(type, namespace, name) }),
    create: (type, object) =>
      send({ method: 'POST', path: resourcePath(type, object.metadata.namespace), body: object }),
    patch: (type, ref, patch, subresource) =>
      send({
        method: 'PATCH',
        path: objectPath(type, ref) + (subresource ? `/${subresource}` : ''),
        body: patch,
        contentType: 'application/merge-patch+json',
      }),
    async delete(type, ref, { gracePeriodSeconds, uid, propagationPolicy } = {}) {
      const preconditions = { uid }
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds,
        preconditions,
        propagationPolicy,
      }
      await send({ method: 'DELETE', path: objectPath(type, ref), body })
    },
    close() {
      log.close()
      agent.destroy()
    },
  }
}

interface SentRequest {
  method: string
  path: string
  body?: object
  contentType?: string
}

function objectPath(type: ResourceType, ref: ObjectRef): string {
  return resourcePath(type, ref.namespace, ref.name)
}

function exchange(sent: SentRequest & { socketPath: string; agent: Agent }): Promise<KubernetesObject> {
  const { method, path, socketPath, agent } = sent
  const body = sent.body === undefined ? '' : JSON.stringify(sent.body)
  const headers = {
    accept: 'application/json',
    'content-type': sent.contentType ?? 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    // A misspelt field of a component is a fault, which the server would only warn of.
    const checked = method === 'POST' || method === 'PATCH' ? `${path}?fieldValidation=Strict` : path
    const outgoing = request({ socketPath, agent, method, path: checked, headers }, (answer) => {
      collect(answer)
        .then((text) => resolve(parseAnswer(answer.statusCode ?? 0, text)), reject)
        .catch(reject)
    })
    outgoing.on('error', (error) => reject(new ApiError(503, 'ServiceUnavailable', messageOf(error))))
    outgoing.end(body)
  })
}

async function collect(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function parseAnswer(code: number, text: string): KubernetesObject {
  let answer: KubernetesObject
  try {
    answer = JSON.parse(text)
  } catch {
    throw new ApiError(code, 'InternalError', text || `HTTP ${code}`)
  }
  if (code >= 300) throw new ApiError(code, answer.reason ?? 'Unknown', answer.message ?? text)
  return answer
}

function openLog(
  socketPath: string,
  replica: Replica,
  onLost?: (error: Error) => void,
): Promise<{ close(): void }> {
  return new Promise((resolve, reject) => {
    let closed = false
    const outgoing = request({ socketPath, path: '/internal/log' }, (answer) => {
      const takeLine = (line: string) => replica.take(JSON.parse(line) as LogEntry)
      answer.setEncoding('utf8').on('data', lineSplitter(takeLine))
      answer.on('close', () => {
        if (!closed) onLost?.(new ApiError(503, 'ServiceUnavailable', 'the API server ended its log'))
      })
      resolve({
        close() {
          closed = true
          outgoing.destroy()
        },
      })
    })
    outgoing.on('error', (error) => {
      if (!closed) reject(new ApiError(503, 'ServiceUnavailable', messageOf(error)))
    })
    outgoing.end()
  })
}

function lineSplitter(takeLine: (line: string) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) takeLine(line)
  }
}
