import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { socketAppeared } from '../api-client/index.ts'
import { discovery } from './discovery.ts'
import type { Kind } from './kind.ts'
import { requireLogOptions } from './log-options.ts'
import { streamLog } from './log-stream.ts'
import { requireVerb, serveObjects } from './objects.ts'
import { openApiDocument, openApiIndex } from './openapi.ts'
import { openApiV2, openApiV2Message, openApiV2Protobuf } from './openapi-v2.ts'
import type { Page } from './pagination.ts'
import type { Registry } from './registry.ts'
import { chosenContainer, kubeletPath, refuseUpgrade, relayRequest, relayUpgrade } from './relay.ts'
import { readBody } from './request-body.ts'
import { parseRoute, type Route } from './route.ts'
import type { UserInfo } from './service-account-tokens.ts'
import {
  asStatusError,
  badRequest,
  isStatusError,
  methodNotAllowed,
  notServed,
  statusOf,
} from './status-error.ts'
import { tableOf } from './table/index.ts'
import { version } from './version.ts'
import { warningHeaders } from './warning-headers.ts'
import { serveWatch } from './watch.ts'

/** What the HTTP handler works on, apart from the request. */
export interface HttpContext {
  registry: Registry
  /** Where exec, logs and settled are relayed to. */
  kubeletSocket: string
  /** Resolves once the controllers have nothing to do. */
  quiet(): Promise<void>
  log(line: string): void
}

/** A request's context: who sends it is known. */
export type UserContext = HttpContext & { user: UserInfo }

interface Exchange {
  context: UserContext
  request: IncomingMessage
  response: ServerResponse
  path: string
  query: URLSearchParams
}

/** Answers one request that has been let in. Every failure becomes a `Status`. */
export async function handleHttp(
  context: UserContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { path, query } = parseUrl(request)
    await dispatch({ context, request, response, path, query })
  } catch (error) {
    // Whoever has gone in the middle of a request waits for no answer.
    if (request.destroyed && !request.complete) return void response.destroy()
    const { code, message, details } = asStatusError(error)
    if (details.retryAfterSeconds) response.setHeader('Retry-After', String(details.retryAfterSeconds))
    if (code >= 500 && !isStatusError(error)) context.log(`${request.method} ${request.url}: ${message}`)
    if (response.headersSent) response.destroy()
    else sendJson(response, code, statusOf(error))
  }
}

/** Relays exec, attach and portforward of a pod; the kubelet speaks WebSocket and SPDY. */
export function handleUpgrade(
  context: HttpContext,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): void {
  client.on('error', () => client.destroy())
  try {
    const { path, query } = parseUrl(request)
    const route = parseRoute(context.registry.kinds, path)
    if (!route?.name || !isStreaming(route)) throw notServed(path)
    const pod = context.registry.get({ ...route, name: route.name })
    const relayed = {
      kubeletSocket: context.kubeletSocket,
      path: kubeletPath(pod, route.subresource!, query),
    }
    relayUpgrade(relayed, request, client, head)
  } catch (error) {
    refuseUpgrade(client, error)
  }
}

async function dispatch(exchange: Exchange): Promise<void> {
  const { context, request, response, path, query } = exchange
  const accept = request.headers.accept ?? ''
  const fixed = fixedAnswer(context.registry.kinds.all(), path, accept)
  if (path === '/openapi/v2' && accept.startsWith(openApiV2Protobuf.asked)) {
    response.writeHead(200, { 'content-type': openApiV2Protobuf.answered }).end(openApiV2Message())
  } else if (fixed) {
    sendJson(response, 200, fixed.body, fixed.contentType)
  } else if (isHealth(path)) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok')
  } else if (path === '/internal/log') {
    streamLog(context.registry, response, query)
  } else if (path === '/internal/settled') {
    await answerSettled(exchange)
  } else {
    const route = parseRoute(context.registry.kinds, path)
    if (!route) throw notServed(path)
    await answerRoute(exchange, route)
  }
}

function fixedAnswer(
  kinds: Kind[],
  path: string,
  accept: string,
): { body: object; contentType?: string } | undefined {
  if (path === '/version') return { body: version }
  if (path === '/openapi/v2') return { body: openApiV2(kinds) }
  if (path === '/openapi/v3') return { body: openApiIndex(kinds) }
  if (path.startsWith('/openapi/v3/')) {
    const body = openApiDocument(kinds, path.slice('/openapi/v3/'.length))
    return body && { body }
  }
  return discovery(kinds, path, accept)
}

function isHealth(path: string): boolean {
  return /^\/(healthz|readyz|livez)(\/|$)/.test(path)
}

/** A node agent that has ended is started again within this time, unless it ends again and again. */
const kubeletWaitMs = 5_000

/** Waits for the controllers first: what they make of a change has to be in force too. */
async function answerSettled({ context, request, response, query }: Exchange): Promise<void> {
  await context.quiet()
  await socketAppeared(context.kubeletSocket, kubeletWaitMs)
  const revision = Math.max(Number(query.get('revision') ?? 0), context.registry.store.revision)
  relayRequest(
    { kubeletSocket: context.kubeletSocket, path: `/settled?revision=${revision}` },
    request,
    response,
  )
}

async function answerRoute(exchange: Exchange, route: Route): Promise<void> {
  const { context, request, response, query } = exchange
  const asksToWatch = query.get('watch') === 'true' || query.get('watch') === '1'
  // At the path of one object a watch is just a read.
  const isWatch = route.isOldWatch || (asksToWatch && !route.name)
  if (request.method === 'GET' && isWatch && !route.subresource) {
    requireVerb(route.kind, 'WATCH', false)
    serveWatch(context.registry.store, { route, query, represent: eventForm(exchange, route) }, response)
  } else if (isStreaming(route) || isLog(route)) {
    answerFromKubelet(exchange, route)
  } else {
    await answerObjects(exchange, route)
  }
}

function isStreaming({ kind, subresource }: Route): boolean {
  return kind.plural === 'pods' && ['exec', 'attach', 'portforward'].includes(subresource ?? '')
}

function isLog({ kind, subresource }: Route): boolean {
  return kind.plural === 'pods' && subresource === 'log'
}

function answerFromKubelet({ context, request, response, query }: Exchange, route: Route): void {
  if (request.method !== 'GET' && request.method !== 'POST')
    throw methodNotAllowed('the server does not allow this method on the requested resource')
  const pod = context.registry.get({ ...route, name: route.name! })
  if (route.subresource !== 'log') {
    // What is wrong with the pod is said first.
    kubeletPath(pod, route.subresource!, query)
    throw badRequest('Upgrade request required')
  }
  requireLogOptions(pod.metadata.name, query)
  if (!pod.spec.nodeName && chosenContainer(pod, query.get('container'))) {
    response.writeHead(204).end()
    return
  }
  relayRequest(
    { kubeletSocket: context.kubeletSocket, path: kubeletPath(pod, 'log', query) },
    request,
    response,
  )
}

async function answerObjects(exchange: Exchange, route: Route): Promise<void> {
  const { context, request, response, query } = exchange
  const contentType = (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim()
  const body = await readBody(request, contentType)
  const warnings: string[] = []
  try {
    const answer = serveObjects(context.registry, {
      method: request.method ?? 'GET',
      route,
      query,
      contentType,
      body,
      user: context.user,
      client: (request.headers['user-agent'] ?? 'unknown').split('/')[0]!,
      warnings,
    })
    for (const header of warningHeaders(warnings.splice(0))) response.appendHeader('Warning', header)
    sendJson(response, answer.code, represented(exchange, route, answer.body))
  } finally {
    // What a request was warned of is said of a failure, too.
    if (!response.headersSent)
      for (const header of warningHeaders(warnings)) response.appendHeader('Warning', header)
  }
}

/** An answer in the form that the client wishes: as it is, as a Table, or as metadata alone. */
function represented({ request, query }: Exchange, route: Route, body: object): object {
  if ('code' in body) return body
  const accepted = (request.headers.accept ?? '').split(',')[0]!
  if (accepted.includes('as=PartialObjectMetadata')) return metadataAlone(body)
  return request.method === 'GET' && wantsTable(request) ? asTable(route, body, query) : body
}

function metadataAlone(body: object): object {
  const { items, metadata } = body as { items?: KubernetesObject[]; metadata: object }
  const apiVersion = 'meta.k8s.io/v1'
  if (!items) return { kind: 'PartialObjectMetadata', apiVersion, metadata }
  const kept = items.map((item) => ({ kind: 'PartialObjectMetadata', apiVersion, metadata: item.metadata }))
  return { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: kept }
}

function wantsTable({ headers }: IncomingMessage): boolean {
  const first = (headers.accept ?? '').split(',')[0]!
  return first.includes('as=Table')
}

function asTable({ kind }: Route, body: object, query: URLSearchParams): object {
  const list = body as { items?: KubernetesObject[]; metadata: Page['metadata'] }
  const { resourceVersion, continue: next, remainingItemCount } = list.metadata
  return tableOf(kind, list.items ?? [body as KubernetesObject], {
    metadata: { resourceVersion, continue: next, remainingItemCount },
    includeObject: query.get('includeObject') ?? 'Metadata',
  })
}

function eventForm({ request, query }: Exchange, { kind }: Route): (object: KubernetesObject) => object {
  if ((request.headers.accept ?? '').split(',')[0]!.includes('as=PartialObjectMetadata')) return metadataAlone
  if (!wantsTable(request)) return (object) => object
  let omitColumns = false
  return (object) => {
    const { resourceVersion } = object.metadata
    const includeObject = query.get('includeObject') ?? 'Metadata'
    const table = tableOf(kind, [object], { metadata: { resourceVersion }, includeObject, omitColumns })
    omitColumns = true
    return table
  }
}

function parseUrl(request: IncomingMessage): { path: string; query: URLSearchParams } {
  try {
    const url = new URL(request.url ?? '/', 'http://api')
    decodeURIComponent(url.pathname)
    return { path: url.pathname.replace(/(.)\/+$/, '$1'), query: url.searchParams }
  } catch (error) {
    throw badRequest(`the path cannot be parsed: ${messageOf(error)}`)
  }
}

function sendJson(
  response: ServerResponse,
  code: number,
  body: object,
  contentType = 'application/json',
): void {
  const text = JSON.stringify(body)
  response.writeHead(code, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
