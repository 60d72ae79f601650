import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLabError, LabError, messageOf } from '../../errors.ts'
import { chainId, type ImageStore, isReference, type NewImage } from '../runtime/index.ts'

const digest = /^sha256:[0-9a-f]{64}$/
const longestDescription = 1 << 20

/**
 * Takes images: their layers, from the lowest to the topmost, then what they are. `GET /images/layers/DIFF?parent=CHAIN`
 * says whether a layer is there on top of another (200 or 404), `PUT` brings its uncompressed archive; both answer with
 * its chain ID. `POST /images` takes a `NewImage`. False where the request is for somebody else.
 */
export async function answerImages(
  images: ImageStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://kubelet')
  if (pathname !== '/images' && !pathname.startsWith('/images/')) return false
  try {
    if (request.method === 'POST') json(response, 201, images.add(await newImage(request)))
    else await answerLayer(images, { request, response, searchParams, id: pathname.split('/').at(-1)! })
  } catch (error) {
    // Whoever still writes would never read the answer.
    request.resume()
    const { code = 'cluster-failed', cause, hint } = isLabError(error) ? error : {}
    json(response, 422, {
      error: { code, message: messageOf(error), cause: cause && messageOf(cause), hint },
    })
  }
  return true
}

interface LayerRequest {
  request: IncomingMessage
  response: ServerResponse
  searchParams: URLSearchParams
  id: string
}

async function answerLayer(images: ImageStore, asked: LayerRequest): Promise<void> {
  const { request, response, id, searchParams } = asked
  const parent = searchParams.get('parent')
  if (!digest.test(id) || (parent !== null && !digest.test(parent)))
    throw malformed('a layer is named by its sha256')
  const layer = { diffId: id, parent }
  const chain = chainId(layer)
  if (request.method !== 'PUT') return json(response, images.hasLayer(chain) ? 200 : 404, { chain })
  await images.addLayer(layer, request)
  json(response, 201, { chain })
}

async function newImage(request: IncomingMessage): Promise<NewImage> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > longestDescription) throw malformed('its description is longer than 1 MiB')
    chunks.push(chunk)
  }
  const image: NewImage = JSON.parse(Buffer.concat(chunks).toString())
  if (!Array.isArray(image.names) || !image.names.every(isReference)) throw malformed('its names are none')
  return image
}

function malformed(why: string): LabError {
  return new LabError({ code: 'bad-input', message: `the image cannot be taken: ${why}` })
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
