import { createServer as createHttpServer, type Server } from 'node:http'
import type { ApiClient } from '../api-client/index.ts'
import { type HttpContext, handleHttp } from './http.ts'
import { inProcessClient } from './in-process-client.ts'
import { Registry } from './registry.ts'
import { Store } from './store.ts'

export interface ApiServerOptions {
  apiSocket: string
  kubeletSocket: string
  log(line: string): void
}

export interface ApiServer {
  /** The API for a component of this process, under the name it writes by. */
  client(fieldManager: string): ApiClient
  close(): Promise<void>
}

/** Starts the API server on its Unix socket. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const registry = new Registry(new Store())
  const context: HttpContext = { registry, kubeletSocket: options.kubeletSocket, log: options.log }
  const local = createHttpServer((request, response) => void handleHttp(context, request, response))
  local.keepAliveTimeout = 0
  await listen(local, options.apiSocket)
  return {
    client: (fieldManager) => inProcessClient(registry, fieldManager),
    async close() {
      await closeServer(local)
    },
  }
}

function listen(server: Server, path: string): Promise<void> {
  // The umask makes the socket 0600 from its first moment.
  const umask = process.umask(0o177)
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  }).finally(() => process.umask(umask))
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
