import type { ServerResponse } from 'node:http'
import { drained } from '../drained.ts'
import type { ContainerLog, LogLine } from '../runtime/index.ts'

/**
 * Answers GET containerLogs with the options of `kubectl logs`. Whoever follows more slowly than a container speaks
 * misses what is no longer kept meanwhile, as where a node's files are rotated.
 */
export async function answerLogs(
  log: ContainerLog,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const withTime = query.get('timestamps') === 'true'
  let leftBytes = numberOf(query, 'limitBytes') ?? Number.POSITIVE_INFINITY
  let isNewLine = true
  const write = (line: LogLine) => {
    if (leftBytes <= 0) return
    const time = withTime && isNewLine ? `${line.time.toISOString().replace('Z', '000000Z')} ` : ''
    const bytes = Buffer.from(`${time}${line.text}`)
    isNewLine = line.text.endsWith('\n')
    response.write(bytes.length > leftBytes ? bytes.subarray(0, leftBytes) : bytes)
    leftBytes -= bytes.length
  }
  response.writeHead(200, { 'content-type': 'text/plain' })
  // Headers go out at once: a client that follows waits for them.
  response.flushHeaders()
  let count = log.count
  log.read({ tailLines: numberOf(query, 'tailLines'), sinceTime: sinceTime(query) }).forEach(write)
  const follows = () => query.get('follow') === 'true' && leftBytes > 0 && !response.destroyed
  while (follows()) {
    await drained(response)
    const lines = log.since(count)
    count = log.count
    lines.forEach(write)
    if (lines.length > 0) continue
    if (log.ended) break
    await nextLine(log, response)
  }
  response.end()
}

/** Resolves once more is said, or nothing any more, or nobody listens. */
function nextLine(log: ContainerLog, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      log.off('line', done).off('end', done)
      response.off('close', done)
      resolve()
    }
    log.on('line', done).on('end', done)
    response.on('close', done)
  })
}

function sinceTime(query: URLSearchParams): Date | undefined {
  const seconds = numberOf(query, 'sinceSeconds')
  if (seconds !== undefined) return new Date(Date.now() - seconds * 1000)
  const time = query.get('sinceTime')
  return time ? new Date(time) : undefined
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  return value === null || value === '' ? undefined : Number(value)
}
