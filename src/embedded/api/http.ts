import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse } from 'yaml'
import { streamLog } from './log-stream.ts'
import { serveObjects } from './objects.ts'
import type { Registry } from './registry.ts'
import { parseRoute, type Route } from './route.ts'
import { asStatusError, badRequest, notServed, StatusError, statusOf } from './status-error.ts'

/** What the HTTP handler works on, apart from the request. */
export interface HttpContext {
  registry: Registry
  /** Where exec, logs and settled are relayed to. */
  kubeletSocket: string
  log(line: string): void
}

/** Answers one request that has been let in. Every failure becomes a `Status`. */
export async function handleHttp(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await dispatch(context, request, response)
  } catch (error) {
    const { code } = asStatusError(error)
    if (code >= 500) context.log(`${request.method} ${request.url}: ${asStatusError(error).message}`)
    if (response.headersSent) response.destroy()
    else sendJson(response, code, statusOf(error))
  }
}

async function dispatch(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://api')
  const path = url.pathname.replace(/(.)\/+$/, '$1')
  if (path === '/internal/log') return streamLog(context.registry.store, response, url.searchParams)
  const route = parseRoute(path)
  if (!route) throw notServed(path)
  await answerObjects({ context, request, response, route, query: url.searchParams })
}

interface Exchange {
  context: HttpContext
  request: IncomingMessage
  response: ServerResponse
  route: Route
  query: URLSearchParams
}

async function answerObjects({ context, request, response, route, query }: Exchange): Promise<void> {
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim()
  const answer = serveObjects(context.registry, {
    method: request.method ?? 'GET',
    route,
    query,
    contentType,
    body: await readBody(request, contentType),
    client: (request.headers['user-agent'] ?? 'unknown').split('/')[0]!,
  })
  for (const warning of answer.warnings) response.appendHeader('Warning', `299 - ${JSON.stringify(warning)}`)
  sendJson(response, answer.code, answer.body)
}

const maxBodyBytes = 3 * 1024 * 1024

async function readBody(request: IncomingMessage, contentType: string): Promise<unknown> {
  if (request.method === 'GET') return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > maxBodyBytes) {
      throw new StatusError(413, 'RequestEntityTooLarge', `the body is larger than ${maxBodyBytes} bytes`)
    }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  if (text.trim() === '') return undefined
  return parseBody(text, contentType)
}

function parseBody(text: string, contentType: string): unknown {
  try {
    return contentType.endsWith('yaml') && !text.trimStart().startsWith('{') ? parse(text) : JSON.parse(text)
  } catch (error) {
    throw badRequest(`the body cannot be parsed: ${(error as Error).message}`)
  }
}

export function sendJson(response: ServerResponse, code: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
