import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { Programmer } from '../api-client/index.ts'
import { maxHeaderSize } from '../max-header-size.ts'
import type { Runtime } from '../runtime/index.ts'
import type { ContainerWorker } from './container-worker.ts'
import {
  acceptExec,
  attachStreams,
  execFailure,
  execProblem,
  execStreams,
  type StreamedProcess,
  serveProcess,
  wantedOf,
} from './exec/index.ts'
import { answerImages } from './image-server.ts'
import { answerLogs } from './log-response.ts'
import { type ForwardedPod, portForwardProblem, servePortForward } from './port-forward/index.ts'
import type { Upgrade } from './upgrade.ts'

export interface KubeletServerOptions {
  socketPath: string
  runtime: Runtime
  /** Whatever has to be in force for the cluster to be settled, by name. */
  programmers: Record<string, Programmer>
  find(namespace: string, pod: string, container: string): ContainerWorker | undefined
  /** A pod whose sandbox runs. */
  findPod(namespace: string, pod: string): ForwardedPod | undefined
  log(line: string): void
}

const settleTimeoutMs = 10_000

/** Serves exec, attach and logs of all nodes' pods, takes images, and tells whether the nodes have settled, on a Unix socket (mode 0600). */
export function startKubeletServer(options: KubeletServerOptions): Promise<Server> {
  const server = createServer({ maxHeaderSize }, (request, response) => {
    void answer(options, request, response).catch((error) => {
      options.log(`kubelet server: ${messageOf(error)}`)
      response.destroy()
    })
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    try {
      upgrade(options, { request, socket, head, query: urlOf(request).searchParams })
    } catch (error) {
      refuseUpgrade(socket, 400, messageOf(error))
    }
  })
  // One that was killed leaves its socket behind.
  rmSync(options.socketPath, { force: true })
  const before = process.umask(0o077)
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(options.socketPath, () => resolve(server))
    process.umask(before)
  })
}

async function answer(
  options: KubeletServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (await answerImages(options.runtime.images, request, response)) return
  const { pathname, searchParams } = urlOf(request)
  if (pathname === '/settled') return answerSettled(options, Number(searchParams.get('revision')), response)
  const [, kind, namespace, pod, container] = pathname.split('/').map(decodeURIComponent)
  if (kind !== 'containerLogs') return refuse(response, 404, `the kubelet does not serve ${pathname}`)
  const worker = options.find(namespace!, pod!, container ?? '')
  if (!worker)
    return refuse(response, 404, `container "${container}" of pod ${namespace}/${pod} is not on any node`)
  const isPrevious = searchParams.get('previous') === 'true'
  const log = isPrevious ? worker.logs.previous : worker.logs.current
  if (log) return answerLogs(log, searchParams, response)
  const message = isPrevious
    ? `previous terminated container "${worker.spec.name}" in pod "${pod}" not found`
    : `container "${worker.spec.name}" in pod "${pod}" has not started`
  return refuse(response, 400, message)
}

async function answerSettled(
  options: KubeletServerOptions,
  revision: number,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now()
  const lagging = new Set(Object.keys(options.programmers))
  const failures: string[] = []
  const all = Promise.all(
    Object.entries(options.programmers).map(([name, programmer]) =>
      programmer.programmed(revision).then(
        () => lagging.delete(name),
        (error) => failures.push(`${name}: ${messageOf(error)}`),
      ),
    ),
  )
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, settleTimeoutMs)
  })
  await Promise.race([all, late])
  clearTimeout(timer)
  const body = { revision, waitedMs: Math.round((performance.now() - started) * 10) / 10 }
  if (lagging.size === 0) return json(response, 200, body)
  return json(response, 504, { ...body, lagging: [...lagging], failures })
}

function upgrade(options: KubeletServerOptions, asked: Upgrade): void {
  const { request, socket } = asked
  const [, kind, namespace, pod, container] = urlOf(request).pathname.split('/').map(decodeURIComponent)
  if (kind === 'portForward') {
    const forwarded = options.findPod(namespace!, pod!)
    const problem = portForwardProblem(asked)
    if (problem) refuseUpgrade(socket, problem.code, problem.message)
    else if (!forwarded) refuseUpgrade(socket, 404, `pod ${namespace}/${pod} has no sandbox that runs`)
    else servePortForward(forwarded, asked)
  } else if (kind === 'exec' || kind === 'attach') {
    const worker = options.find(namespace!, pod!, container ?? '')
    const problem = execProblem(asked)
    if (problem) refuseUpgrade(socket, problem.code, problem.message)
    else if (!worker?.running) refuseUpgrade(socket, 404, notFound(container!))
    else
      void serveExec(options, asked, () =>
        beginProcess(options.runtime, { kind, worker, query: asked.query }),
      )
  } else refuseUpgrade(socket, 501, `${kind} is not served by the embedded cluster`)
}

async function serveExec(
  { log }: KubeletServerOptions,
  asked: Upgrade,
  begin: () => Promise<StreamedProcess>,
): Promise<void> {
  const refused = (error: unknown) => log(`exec: ${messageOf(error)}`)
  const client = await acceptExec(asked).catch(refused)
  if (!client) return
  try {
    await serveProcess(client, await begin())
  } catch (error) {
    refused(error)
    const cause =
      typeof error === 'object' && error !== null && 'cause' in error ? `: ${messageOf(error.cause)}` : ''
    client.finish(execFailure(`${messageOf(error)}${cause}`))
  }
}

async function beginProcess(
  runtime: Runtime,
  { kind, worker, query }: { kind: 'exec' | 'attach'; worker: ContainerWorker; query: URLSearchParams },
): Promise<StreamedProcess> {
  const { running, spec } = worker
  // It may have ended since it was found.
  if (!running) throw new Error(notFound(spec.name))
  if (kind === 'attach') return attachStreams(running, spec)
  return execStreams(await runtime.exec(running.id, query.getAll('command'), wantedOf(query)))
}

/** As a kubelet says it (pkg/kubelet, GetExec). */
function notFound(container: string): string {
  return `container not found ("${container}")`
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://kubelet')
}

function refuse(response: ServerResponse, code: number, message: string): void {
  json(response, code, statusObject(code, message))
}

function refuseUpgrade(socket: Duplex, code: number, message: string): void {
  const body = JSON.stringify(statusObject(code, message))
  socket.end(
    `HTTP/1.1 ${code} Refused\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function statusObject(code: number, message: string): object {
  const reason = { 400: 'BadRequest', 403: 'Forbidden', 404: 'NotFound' }[code as number] ?? 'NotImplemented'
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
