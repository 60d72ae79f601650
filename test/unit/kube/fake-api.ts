import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KubeClient } from '../../../src/kube/index.ts'
import { kubeOver } from '../../../src/kube/kube-over.ts'
import { createTransport } from '../../../src/kube/transport.ts'

export interface Request {
  method: string
  path: string
  body: string
}

export interface FakeApi {
  kube: KubeClient
  requests: Request[]
  server: http.Server
  close(): Promise<void>
}

/** What to answer: a status and a body, or lines that are streamed until the client goes. */
export type Reply = { status?: number; body?: object; headers?: Record<string, string>; stream?: object[] }

/** An API server that answers as `reply` says, and a client of it. */
export async function fakeApi(reply: (request: Request) => Reply): Promise<FakeApi> {
  const requests: Request[] = []
  const server = http.createServer(async (incoming, response) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    const request = { method: incoming.method!, path: incoming.url!, body }
    requests.push(request)
    const { status = 200, headers = {}, body: answer = {}, stream } = reply(request)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    if (!stream) return response.end(JSON.stringify(answer))
    for (const event of stream) response.write(`${JSON.stringify(event)}\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const kube = kubeAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return {
    kube,
    requests,
    server,
    close: () =>
      new Promise((resolve) => {
        kube.close()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

export function kubeAt(server: string): KubeClient {
  return kubeOver(
    createTransport({
      getCurrentCluster: () => ({ name: 'fake', server, skipTLSVerify: true }),
      applyToHTTPSOptions: async (options: http.RequestOptions) => {
        options.agent = new http.Agent()
      },
    } as Parameters<typeof createTransport>[0]),
  )
}

export function status(code: number, message: string, causes: object[] = []): Reply {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, message, details: { causes } } }
}

export function pod(name: string, fields: object = {}) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, spec: {}, ...fields }
}

export const readyStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
