import type { IncomingMessage } from 'node:http'
import { messageOf } from '../../errors.ts'
import { badRequest, StatusError, unsupportedMediaType } from './status-error.ts'

const maxBodyBytes = 3 * 1024 * 1024
/** So much of a body that is too large is read and thrown away, so that its sender comes to read why. */
const maxDiscardedBytes = 16 * maxBodyBytes

/** The body of a request, parsed by its media type; undefined where there is none. Throws 400, 413 or 415. */
export async function readBody(request: IncomingMessage, contentType: string): Promise<unknown> {
  if (request.method === 'GET') return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
    else if (size > maxDiscardedBytes) break
  }
  if (size > maxBodyBytes) {
    const message = `Request entity too large: limit is ${maxBodyBytes}`
    throw new StatusError(413, 'RequestEntityTooLarge', message)
  }
  if (contentType === protobuf && size > 0) return shallow(await parseProtobuf(Buffer.concat(chunks)))
  const text = Buffer.concat(chunks).toString()
  if (text.trim() === '') return undefined
  return shallow(await parseBody(text, contentType))
}

/** Much deeper than any kind is, and shallow enough for code that calls itself; YAML may even contain itself. */
const maxDepth = 1000

function shallow(value: unknown, depth = 0): unknown {
  if (depth > maxDepth) throw badRequest(`the body cannot be parsed: it is nested deeper than ${maxDepth}`)
  if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) shallow(each, depth + 1)
  return value
}

/** What kubectl's typed commands send. The tables that decode it are loaded when the first comes. */
const protobuf = 'application/vnd.kubernetes.protobuf'

async function parseProtobuf(body: Buffer): Promise<unknown> {
  const { decodeProtobuf } = await import('./protobuf.ts')
  try {
    return decodeProtobuf(body)
  } catch (error) {
    throw badRequest(`the body cannot be parsed as protobuf: ${messageOf(error)}`)
  }
}

/** YAML is rare and its parser large: it is loaded when the first YAML comes. */
async function parseBody(text: string, contentType: string): Promise<unknown> {
  if (!/[/+](json|yaml)$/.test(contentType)) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format (${contentType}): JSON, YAML and Kubernetes protobuf are served`,
    )
  }
  try {
    const isYaml = contentType.endsWith('yaml') && !text.trimStart().startsWith('{')
    if (!isYaml) return JSON.parse(text)
    const { parseYaml } = await import('./yaml-body.ts')
    return parseYaml(text)
  } catch (error) {
    throw badRequest(`the body cannot be parsed: ${messageOf(error)}`)
  }
}
