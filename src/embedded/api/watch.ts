import type { ServerResponse } from 'node:http'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { groupVersion, loaded } from './kind.ts'
import type { Route } from './route.ts'
import { parseSelectors, type Selector } from './selector.ts'
import { badRequest, statusOf } from './status-error.ts'
import type { Change, Store } from './store.ts'

export interface WatchRequest {
  route: Route
  query: URLSearchParams
  /** What an event's object is sent as: itself, or a Table of one row. */
  represent(object: KubernetesObject): object
}

const bookmarkEveryMs = 60_000

/** Serves `watch=true`: the events of one kind as lines of JSON, until the client goes or `timeoutSeconds` is over. */
export function serveWatch(store: Store, request: WatchRequest, response: ServerResponse): void {
  const { route, query, represent } = request
  const selects = watchSelector(request)
  const from = startOf(query)
  const send = (type: string, object: object) => response.write(`${JSON.stringify({ type, object })}\n`)
  const sendChange = (change: Change) => {
    if (change.resource !== route.resource) return
    const event = selectedEvent(change, selects)
    if (event) send(event.type, represent(loaded(route.kind, event.object)))
  }
  const bookmark = (annotations?: Record<string, string>) => {
    const { kind } = route
    const metadata = { resourceVersion: String(store.revision), creationTimestamp: null, annotations }
    send('BOOKMARK', { kind: kind.kind, apiVersion: groupVersion(kind), metadata })
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const sendsInitial = query.get('sendInitialEvents') === 'true'
  try {
    if (from === null || sendsInitial) {
      for (const object of store.list(route.resource))
        if (selects(object)) send('ADDED', represent(loaded(route.kind, object)))
      if (sendsInitial) bookmark({ 'k8s.io/initial-events-end': 'true' })
    } else for (const change of store.since(from)) sendChange(change)
  } catch (error) {
    send('ERROR', statusOf(error))
    response.end()
    return
  }
  const stops = [store.subscribe(sendChange)]
  if (query.get('allowWatchBookmarks') === 'true') stops.push(every(bookmarkEveryMs, bookmark))
  const timeoutSeconds = Number(query.get('timeoutSeconds') ?? 0)
  if (timeoutSeconds > 0) stops.push(every(timeoutSeconds * 1000, () => response.end()))
  response.on('close', () => {
    for (const stop of stops) stop()
  })
}

function watchSelector({ route, query }: WatchRequest): Selector {
  const selects = parseSelectors(route.kind, query)
  return (object) =>
    (!route.namespace || object.metadata.namespace === route.namespace) &&
    (!route.name || object.metadata.name === route.name) &&
    selects(object)
}

/** The revision to resume after; null for the state as it is first. */
function startOf(query: URLSearchParams): number | null {
  const text = query.get('resourceVersion')
  if (text === null || text === '' || text === '0') return null
  const revision = Number(text)
  if (!Number.isSafeInteger(revision))
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}`)
  return revision
}

/** An object that begins or ceases to be selected is added or deleted, as far as this watch goes. */
function selectedEvent(
  { type, object, previous }: Change,
  selects: Selector,
): { type: string; object: KubernetesObject } | null {
  const is = selects(object)
  const was = previous !== undefined && selects(previous)
  if (type === 'DELETED') return was || is ? { type, object } : null
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object }
  if (!was) return null
  // Whoever selects is told of the last state that was selected, under the revision of the change.
  const { resourceVersion } = object.metadata
  return { type: 'DELETED', object: { ...previous, metadata: { ...previous.metadata, resourceVersion } } }
}

function every(periodMs: number, call: () => void): () => void {
  const timer = setInterval(() => call(), periodMs)
  timer.unref()
  return () => clearInterval(timer)
}
