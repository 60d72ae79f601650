import type { ServerResponse } from 'node:http'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { after } from '../after.ts'
import { groupVersion, loaded } from './kind.ts'
import { parseListOptions } from './list-options.ts'
import type { Route } from './route.ts'
import { parseSelectors, type Selector } from './selector.ts'
import { statusOf } from './status-error.ts'
import type { Change, Store } from './store.ts'

export interface WatchRequest {
  route: Route
  query: URLSearchParams
  /** What an event's object is sent as: itself, or a Table of one row. */
  represent(object: KubernetesObject): object
}

const bookmarkEveryMs = 60_000
/** Whoever leaves so much unread is cut off, and comes again with a list, as a real API server has it. */
const maxUnreadBytes = 64 * 1024 * 1024

/** Serves `watch=true`: the events of one kind as lines of JSON, until the client goes or `timeoutSeconds` is over. */
export function serveWatch(store: Store, request: WatchRequest, response: ServerResponse): void {
  const { route, query, represent } = request
  const selects = watchSelector(request)
  const options = parseListOptions(query, true)
  const { timeoutSeconds, sendInitialEvents } = options
  // 0 is whatever is at hand: here that is the state as it is.
  const from = options.resourceVersion || null
  const send = (type: string, object: object) => {
    response.write(eventLine(type, object))
    if (response.writableLength > maxUnreadBytes) response.destroy()
  }
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
  try {
    if (from === null || sendInitialEvents) {
      for (const object of store.list(route.resource, route.namespace))
        if (selects(object)) send('ADDED', represent(loaded(route.kind, object)))
      if (sendInitialEvents && options.allowWatchBookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' })
    } else for (const change of store.since(from)) sendChange(change)
  } catch (error) {
    send('ERROR', statusOf(error))
    response.end()
    return
  }
  const stops = [store.subscribe(sendChange, route.resource)]
  if (options.allowWatchBookmarks) stops.push(every(bookmarkEveryMs, bookmark))
  const stop = () => {
    for (const each of stops) each()
  }
  // It is closed only when its client has read it all, and until then nothing more may be written.
  const end = () => {
    stop()
    response.end()
  }
  if (timeoutSeconds > 0) stops.push(after(timeoutSeconds * 1000, end))
  response.on('close', stop)
}

function watchSelector({ route, query }: WatchRequest): Selector {
  const selects = parseSelectors(route.kind, query)
  return (object) =>
    (!route.namespace || object.metadata.namespace === route.namespace) &&
    (!route.name || object.metadata.name === route.name) &&
    selects(object)
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

/** All who watch are told of a change one after the other: its object is written out once. */
let written: { object: object; text: string } | null = null

function eventLine(type: string, object: object): string {
  if (written?.object !== object) written = { object, text: JSON.stringify(object) }
  return `{"type":"${type}","object":${written.text}}\n`
}
