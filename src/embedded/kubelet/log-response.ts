import type { ServerResponse } from 'node:http'
import type { ContainerLog, LogLine } from '../runtime/index.ts'

/** Answers GET containerLogs with the options of `kubectl logs`. */
export function answerLogs(log: ContainerLog, query: URLSearchParams, response: ServerResponse): void {
  const withTime = query.get('timestamps') === 'true'
  let leftBytes = numberOf(query, 'limitBytes') ?? Number.POSITIVE_INFINITY
  const write = (line: LogLine) => {
    const text = withTime ? `${line.time.toISOString().replace('Z', '000000Z')} ${line.text}` : line.text
    const bytes = Buffer.from(text)
    if (leftBytes > 0) response.write(bytes.length > leftBytes ? bytes.subarray(0, leftBytes) : bytes)
    leftBytes -= bytes.length
    if (leftBytes <= 0) response.end()
  }
  response.writeHead(200, { 'content-type': 'text/plain' })
  // Headers go out at once: a client that follows waits for them.
  response.flushHeaders()
  for (const line of log.read({ tailLines: numberOf(query, 'tailLines'), sinceTime: sinceTime(query) })) {
    if (leftBytes > 0) write(line)
  }
  if (query.get('follow') !== 'true' || log.ended || leftBytes <= 0) {
    response.end()
    return
  }
  const end = () => response.end()
  const follow = (line: LogLine) => {
    if (leftBytes > 0) write(line)
  }
  log.on('line', follow).on('end', end)
  response.on('close', () => log.off('line', follow).off('end', end))
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
