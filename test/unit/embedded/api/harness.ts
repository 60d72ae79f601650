import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, startApiServer } from '../../../../src/embedded/api/index.ts'
import { type ApiClient, connectApi, resources } from '../../../../src/embedded/api-client/index.ts'

export interface Running {
  server: ApiServer
  client: ApiClient
  directory: string
}

/** Runs `work` against an API server of its own that has the namespace `shop`, and ends it. */
export async function withApi(work: (running: Running) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'ztlab-api-'))
  const apiSocket = join(directory, 'api.sock')
  const server = await startApiServer({
    apiSocket,
    name: 'test',
    kubeletSocket: join(directory, 'kubelet.sock'),
    log: () => undefined,
  })
  const client = await connectApi(apiSocket)
  try {
    await client.create(resources.namespaces, object('v1', 'Namespace', { name: 'shop' }))
    await work({ server, client, directory })
  } finally {
    client.close()
    await server.close()
    await rm(directory, { recursive: true })
  }
}

export function object(apiVersion: string, kind: string, metadata: object, body: object = {}) {
  return { apiVersion, kind, metadata: metadata as { name: string }, ...body }
}

export function pod(name: string, spec: object = {}, labels: Record<string, string> = {}) {
  const containers = [{ name: 'main', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53' }]
  return object('v1', 'Pod', { name, namespace: 'shop', labels }, { spec: { containers, ...spec } })
}
