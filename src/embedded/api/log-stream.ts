import type { ServerResponse } from 'node:http'
import type { LogEntry } from '../api-client/index.ts'
import type { Registry } from './registry.ts'

/**
 * Sends the state as it is, then every change in the order of the log, to `send`; after each batch a REVISION.
 * Returns a function that ends it.
 */
export function followLog(
  { store, kinds }: Registry,
  send: (entries: LogEntry[]) => void,
  wanted?: (resource: string) => boolean,
): () => void {
  const state: LogEntry[] = []
  for (const resource of kinds.resources()) {
    if (wanted && !wanted(resource)) continue
    for (const object of store.list(resource)) state.push({ type: 'ADDED', resource, object })
  }
  send([...state, { type: 'REVISION', revision: store.revision }])
  let pending: LogEntry[] = []
  let revision = store.revision
  let scheduled = false
  const flush = () => {
    scheduled = false
    const batch = pending
    pending = []
    send([...batch, { type: 'REVISION', revision }])
  }
  return store.subscribe((change) => {
    revision = change.revision
    if (!wanted || wanted(change.resource)) {
      pending.push({ type: change.type, resource: change.resource, object: change.object })
    }
    if (!scheduled) queueMicrotask(flush)
    scheduled = true
  })
}

/** `GET /internal/log?kinds=api/v1/pods,…`: newline-separated JSON; all kinds where `kinds` is left out. */
export function streamLog(registry: Registry, response: ServerResponse, query: URLSearchParams): void {
  const named = query.get('kinds')?.split(',')
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const send = (entries: LogEntry[]) => {
    response.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  }
  const stop = followLog(registry, send, named && ((resource) => named.includes(resource)))
  response.on('close', stop)
}
