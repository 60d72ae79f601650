import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { asStatusError, badRequest, StatusError, statusOf } from './status-error.ts'

/** A request of a client, and where on the kubelet it goes. */
export interface Relay {
  kubeletSocket: string
  /** Path and query on the kubelet. */
  path: string
}

/** Passes a plain request on to the kubelet and its answer back, as it streams. */
export function relayRequest(relay: Relay, request: IncomingMessage, response: ServerResponse): void {
  const { kubeletSocket: socketPath, path } = relay
  const outgoing = httpRequest({ socketPath, path, method: request.method }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  outgoing.on('error', (error) => {
    if (response.headersSent) return response.destroy()
    const body = JSON.stringify(statusOf(unreachable(error)))
    response.writeHead(503, { 'content-type': 'application/json' }).end(body)
  })
  response.on('close', () => outgoing.destroy())
  outgoing.end()
}

/** Passes an upgrade (WebSocket or SPDY) on to the kubelet, and from then on every byte both ways. */
export function relayUpgrade(relay: Relay, request: IncomingMessage, client: Duplex, head: Buffer): void {
  const { kubeletSocket: socketPath, path } = relay
  const { authorization: _secret, ...headers } = request.headers
  const outgoing = httpRequest({ socketPath, path, method: request.method, headers })
  // A client may go before it is answered.
  client.once('close', () => outgoing.destroy())
  outgoing.on('upgrade', (answer, kubelet, kubeletHead) => {
    client.write(rawHead(answer))
    if (kubeletHead.length) client.write(kubeletHead)
    if (head.length) kubelet.write(head)
    kubelet.pipe(client).pipe(kubelet)
    kubelet.on('error', () => client.destroy())
    kubelet.on('close', () => client.destroy())
    client.on('close', () => kubelet.destroy())
    if (client.destroyed) kubelet.destroy()
  })
  outgoing.on('response', (answer) => {
    client.write(rawHead(answer))
    answer.pipe(client)
  })
  outgoing.on('error', (error) => refuseUpgrade(client, unreachable(error)))
  outgoing.end()
}

/** Answers an upgrade with a `Status` instead. */
export function refuseUpgrade(client: Duplex, error: unknown): void {
  const body = JSON.stringify(statusOf(error))
  const { code, reason } = asStatusError(error)
  client.end(
    `HTTP/1.1 ${code} ${reason}\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

const kubeletPaths: Record<string, string> = { exec: 'exec', attach: 'attach', log: 'containerLogs' }

/** The kubelet's path for a pod's subresource; throws 400 where the pod or container cannot answer. */
export function kubeletPath(pod: KubernetesObject, subresource: string, query: URLSearchParams): string {
  const { name, namespace } = pod.metadata
  if (subresource === 'portforward') return portForwardPath(pod, query)
  const container = chosenContainer(pod, query.get('container'))
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  const status = statusesOf(pod).find((each) => each.name === container)
  if (subresource !== 'log' && !status?.state?.running) {
    throw badRequest(
      `cannot ${subresource} into container "${container}" in pod "${name}": ${stateText(pod, status)}`,
    )
  }
  if (subresource === 'log' && (!status || status.state?.waiting) && !status?.lastState?.terminated) {
    throw badRequest(
      `container "${container}" in pod "${name}" is waiting to start: ${stateText(pod, status)}`,
    )
  }
  const passed = new URLSearchParams(query)
  passed.delete('container')
  return `/${kubeletPaths[subresource]}/${namespace}/${name}/${container}?${passed}`
}

// biome-ignore lint/suspicious/noExplicitAny: container statuses as the kubelet wrote them
function statusesOf({ status }: KubernetesObject): any[] {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
}

function portForwardPath({ metadata, spec, status }: KubernetesObject, query: URLSearchParams): string {
  if (!spec.nodeName) throw badRequest(`pod ${metadata.name} does not have a host assigned`)
  if (status?.phase !== 'Running')
    throw badRequest(`unable to forward port because pod is not running. Current status=${status?.phase}`)
  return `/portForward/${metadata.namespace}/${metadata.name}?${query}`
}

/** The container that a query names or means; throws 400 where it names none. */
export function chosenContainer(pod: KubernetesObject, wanted: string | null): string {
  const names = pod.spec.containers.map((each: { name: string }) => each.name)
  const others = [...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])]
  if (wanted && [...names, ...others.map(({ name }) => name)].includes(wanted)) return wanted
  if (wanted) throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`)
  const preferred = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']
  if (names.length === 1 || (preferred && names.includes(preferred))) return preferred ?? names[0]
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`,
  )
}

// biome-ignore lint/suspicious/noExplicitAny: see kubeletPath
function stateText(pod: KubernetesObject, status: any): string {
  const { waiting, terminated } = status?.state ?? {}
  if (waiting) return waiting.message ? `${waiting.reason}: ${waiting.message}` : waiting.reason
  if (terminated) return `container ended with exit code ${terminated.exitCode} (${terminated.reason})`
  return `the pod is ${pod.status?.phase ?? 'Pending'}`
}

function unreachable(error: unknown): StatusError {
  const message = `the kubelet does not answer: ${messageOf(error)}`
  return new StatusError(503, 'ServiceUnavailable', message)
}

function rawHead({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

function endToEnd({
  connection: _hop,
  'transfer-encoding': _encoding,
  ...headers
}: IncomingMessage['headers']) {
  return headers
}
