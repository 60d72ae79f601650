import { request as httpRequest } from 'node:http'
import { withApi } from '../../unit/embedded/api/harness.ts'
import type { Api, ApiAnswer, ApiRequest } from './real-api-server.ts'

/** Runs `work` against an embedded API server of its own, without any controller, as the real one is recorded. */
export async function withEmbeddedApi(work: (api: Api) => Promise<void>): Promise<void> {
  await withApi(async ({ directory, server }) => {
    const client = server.client('test')
    await client.delete({ groupVersion: 'api/v1', plural: 'namespaces', namespaced: false }, { name: 'shop' })
    await client.patch(
      { groupVersion: 'api/v1', plural: 'namespaces', namespaced: false },
      { name: 'shop' },
      { spec: { finalizers: [] } },
      'finalize',
    )
    await work({
      send: (request) => sendHttp(`${directory}/api.sock`, request),
      close: async () => undefined,
    })
  })
}

/** Node does not send the length of a body with DELETE by itself. */
function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
}

/** Watches in the list end after a few seconds. */
const answerTimeoutMs = 10_000

function sendHttp(
  socketPath: string,
  { method, path, headers, body, lines }: ApiRequest,
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      socketPath,
      method,
      path,
      headers: { ...lengthOf(body), 'user-agent': 'recorder/1', ...headers },
    }
    const outgoing = httpRequest(options, (response) => {
      let text = ''
      const finish = () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text })
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (lines !== undefined && text.split('\n').length > lines) {
          finish()
          response.destroy()
        }
      })
      response.on('end', finish).on('error', reject)
    })
    outgoing.setTimeout(answerTimeoutMs, () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)))
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
