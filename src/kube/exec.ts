import type http from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import { WebSocket } from 'ws'
import { isLabError, LabError, messageOf } from '../errors.ts'
import type { ExecOutcome, ExecRequest } from './client.ts'
import { parseStatus, refusal, type Status } from './status.ts'
import type { Transport } from './transport.ts'

/**
 * Runs a command in a container over one WebSocket (see KubeClient.exec).
 * Channels of `v5.channel.k8s.io`: 0 stdin, 1 stdout, 2 stderr, 3 the closing Status, 255 closes a channel; source:
 * k8s.io/apimachinery/pkg/util/remotecommand/constants.go. client-node's Exec is left out: it drops the body of a
 * refused upgrade and does not say when a stream broke off before its Status.
 */
export async function execInPod(transport: Transport, request: ExecRequest): Promise<ExecOutcome> {
  const timeoutMs = request.timeoutMs ?? 30_000
  const where = `${request.namespace}/${request.pod}`
  const { agent, headers } = await transport.connection()
  const url = transport.server.replace(/^http/, 'ws') + execPath(request)
  const socket = new WebSocket(url, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {
    agent,
    headers: headers as Record<string, string>,
    perMessageDeflate: false,
    handshakeTimeout: timeoutMs,
  })
  const cancelled = new AbortController()
  const deadline = setTimeout(() => cancelled.abort(expired(where, timeoutMs)), timeoutMs)
  const onAbort = () => cancelled.abort(interrupted())
  request.signal?.addEventListener('abort', onAbort)
  try {
    if (request.signal?.aborted) onAbort()
    return await talk(socket, request, cancelled.signal)
  } catch (error) {
    throw isLabError(error) ? error : lost(where, messageOf(error))
  } finally {
    clearTimeout(deadline)
    request.signal?.removeEventListener('abort', onAbort)
    socket.terminate()
  }
}

const stdin = 0
const stdout = 1
const stderr = 2
const closing = 3
const closeChannel = 255

/** The conversation on an opened or opening socket, until the Status that closes it. */
function talk(socket: WebSocket, request: ExecRequest, cancelled: AbortSignal): Promise<ExecOutcome> {
  const where = `${request.namespace}/${request.pod}`
  const output: Record<number, Buffer[]> = { [stdout]: [], [stderr]: [] }
  const decoder = new StringDecoder('utf8')
  return new Promise((resolve, reject) => {
    const cancel = () => reject(cancelled.reason)
    if (cancelled.aborted) return cancel()
    cancelled.addEventListener('abort', cancel, { once: true })
    socket.on('unexpected-response', (_call, response) =>
      upgradeRefusal(response, `exec in ${where}`).then(reject, reject),
    )
    socket.on('error', reject)
    socket.on('close', () => reject(lost(where, 'the stream ended before the exit code came')))
    socket.on('open', () => {
      const problem = feed(socket, request)
      if (problem) reject(problem)
    })
    socket.on('message', (data) => {
      const message = data as Buffer
      const channel = message[0]!
      if (channel === closing) settle(message.subarray(1).toString('utf8'))
      else if (channel === stdout && request.onStdout) request.onStdout(decoder.write(message.subarray(1)))
      else output[channel]?.push(message.subarray(1))
    })

    function settle(text: string): void {
      try {
        const code = exitCodeOf(JSON.parse(text) as Status, where)
        resolve({ code, stdout: decode(output[stdout]!), stderr: decode(output[stderr]!) })
      } catch (error) {
        reject(error)
      }
    }
  })
}

/** Sends standard input and closes it, which only v5 can say. */
function feed(socket: WebSocket, { stdin: input }: ExecRequest): LabError | null {
  if (input === undefined) return null
  if (socket.protocol !== 'v5.channel.k8s.io') {
    return new LabError({
      code: 'unsupported',
      message: 'this API server cannot close the standard input of an exec',
      cause: `it speaks ${socket.protocol || 'no channel protocol'}; v5.channel.k8s.io came with Kubernetes 1.30`,
      hint: 'use a cluster of version 1.30 or later',
    })
  }
  if (input) socket.send(Buffer.concat([Buffer.from([stdin]), Buffer.from(input)]))
  socket.send(Buffer.from([closeChannel, stdin]))
  return null
}

/** The command's own exit code; throws where the Status speaks of anything else. */
function exitCodeOf(status: Status, where: string): number {
  if (status.status === 'Success') return 0
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  if (status.reason === 'NonZeroExitCode' && cause) return Number(cause.message)
  throw new LabError({
    code: 'command-failed',
    message: `the command could not be run in ${where}`,
    cause: status.message ?? status.reason,
    hint: `kubectl describe pod ${where.split('/')[1]} -n ${where.split('/')[0]}`,
  })
}

function execPath({ namespace, pod, container, command, stdin: input }: ExecRequest): string {
  const query = new URLSearchParams({
    stdout: 'true',
    stderr: 'true',
    stdin: String(input !== undefined),
    tty: 'false',
  })
  if (container) query.set('container', container)
  for (const word of command) query.append('command', word)
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec?${query}`
}

/** The API server's words (pkg/registry/core/pod/strategy.go) for a container that whoever asks has misnamed. */
const misnamed = /^(container .+ is not valid for pod|a container name must be specified for pod)/

/** What an API server says that does not open a stream. */
export async function upgradeRefusal(response: http.IncomingMessage, what: string): Promise<LabError> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const answer = { status: response.statusCode ?? 500, body: decode(chunks) }
  const { details, message = '' } = parseStatus(answer)
  const isOfState = (answer.status === 400 || answer.status === 404) && !details && !misnamed.test(message)
  if (!isOfState) return refusal(answer, what)
  // The pod is there and was named rightly, but is not yet on a node, has ended, or its container does not run.
  return new LabError({
    code: 'command-failed',
    message: `refused: ${what}`,
    cause: message,
    hint: 'kubectl get pods -A',
  })
}

function decode(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}

function lost(where: string, why: string): LabError {
  return new LabError({
    code: 'cluster-unreachable',
    message: `the connection to ${where} was lost`,
    cause: why,
    hint: 'ztlab cluster list',
  })
}

function expired(where: string, timeoutMs: number): LabError {
  return new LabError({
    code: 'timeout',
    message: `a command in ${where} did not end within ${timeoutMs} ms`,
    hint: `kubectl logs ${where.split('/')[1]} -n ${where.split('/')[0]}`,
  })
}

function interrupted(): LabError {
  return new LabError({ code: 'interrupted', message: 'interrupted', hint: 'run it again' })
}
