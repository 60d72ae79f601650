import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { parse } from 'yaml'
import { resources } from '../../../../src/embedded/api-client/index.ts'
import { object, pod, type Running, withApi } from './harness.ts'

interface Answer {
  code: number
  headers: Record<string, string | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  body: any
}

function ask(
  { directory }: Running,
  path: string,
  {
    method = 'GET',
    body,
    headers = {},
  }: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ socketPath: `${directory}/api.sock`, path, method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () =>
        resolve({ code: answer.statusCode!, headers: answer.headers, body: parseText(text) }),
      )
    })
    sent.on('error', reject)
    sent.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
}

function parseText(text: string) {
  const lines = text.trim().split('\n')
  return text.startsWith('{')
    ? lines.length > 1
      ? lines.map((line) => JSON.parse(line))
      : JSON.parse(text)
    : text
}

test('a watch resumes after a resourceVersion, selects, and ends after its timeout', () =>
  withApi(async (running) => {
    const { client } = running
    const first = await client.create(resources.pods, pod('a', {}, { app: 'web' }))
    const ref = { name: 'a', namespace: 'shop' }
    await client.patch(resources.pods, ref, { metadata: { labels: { app: 'other' } } })
    await client.create(resources.pods, pod('b', {}, { app: 'web' }))
    const from = first.metadata.resourceVersion
    const query = `watch=true&resourceVersion=${from}&labelSelector=app%3Dweb&timeoutSeconds=1`
    const { body } = await ask(running, `/api/v1/namespaces/shop/pods?${query}`)
    expect(
      body.map((event: { type: string; object: { metadata: { name: string } } }) => [
        event.type,
        event.object.metadata.name,
      ]),
    ).toEqual([
      ['DELETED', 'a'],
      ['ADDED', 'b'],
    ])
  }))

test('a watch from before the log begins is told to list again', () =>
  withApi(async (running) => {
    const ref = { name: 'busy', namespace: 'shop' }
    const create = { apiVersion: 'v1', kind: 'ConfigMap', metadata: ref }
    const inProcess = running.server.client('test')
    await inProcess.create(resources.configMaps, create)
    for (let count = 0; count < 8200; count += 1) {
      await inProcess.patch(resources.configMaps, ref, { data: { count: String(count) } })
    }
    const { body } = await ask(running, '/api/v1/pods?watch=1&resourceVersion=2')
    expect(body).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
  }))

test('a Table has the columns that kubectl prints', () =>
  withApi(async (running) => {
    await running.client.create(resources.pods, pod('web'))
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const { body } = await ask(running, '/api/v1/pods', { headers: { accept } })
    expect(body.columnDefinitions.map((column: { name: string }) => column.name).slice(0, 5)).toEqual([
      'Name',
      'Ready',
      'Status',
      'Restarts',
      'Age',
    ])
    expect(body.rows[0].cells.slice(0, 4)).toEqual(['web', '0/1', 'Pending', '0'])
  }))

test('an unknown field is refused, warned of, or ignored, as the client wishes', () =>
  withApi(async (running) => {
    const path = '/api/v1/namespaces/shop/configmaps'
    const send = (name: string, query: string) =>
      ask(running, `${path}${query}`, {
        method: 'POST',
        body: object('v1', 'ConfigMap', { name }, { dta: {} }),
        headers: { 'content-type': 'application/json' },
      })
    expect(await send('strict', '?fieldValidation=Strict')).toMatchObject({
      code: 400,
      body: {
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
      },
    })
    expect(await send('warn', '')).toMatchObject({
      code: 201,
      headers: { warning: '299 - "unknown field \\"dta\\""' },
    })
    expect(await send('ignore', '?fieldValidation=Ignore')).toMatchObject({ code: 201 })
  }))

test.each([
  ['/api/v1/componentstatuses', 'GET', undefined, 404],
  ['/api/v1/namespaces/shop/pods/missing', 'GET', undefined, 404],
  ['/api/v1/pods?labelSelector=a%3Db%3Dc', 'GET', undefined, 400],
  ['/api/v1/pods?fieldSelector=spec.nope%3D1', 'GET', undefined, 400],
  ['/api/v1/namespaces/shop/configmaps', 'POST', '{"metadata":', 400],
  ['/api/v1/namespaces/shop/configmaps', 'PUT', '{}', 405],
  ['/api/v1/namespaces/shop', 'PATCH', '{}', 415],
  ['//', 'GET', undefined, 400],
])('%s %s answers with a Status', (path, method, body, code) =>
  withApi(async (running) => {
    const headers = { 'content-type': 'application/json' }
    expect(await ask(running, path, { method, body, headers })).toMatchObject({
      code,
      body: { kind: 'Status', code },
    })
  }),
)

test('on 127.0.0.1 TLS holds and only the token opens', () =>
  withApi(async ({ server }) => {
    const config = parse(server.kubeconfig)
    const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64')
    const { token } = config.users[0].user
    const status = (authorization: string) =>
      new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port: server.port,
          path: '/version',
          ca,
          headers: { authorization },
        }
        httpsRequest(options, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
          .on('error', reject)
          .end()
      })
    expect(await status(`Bearer ${token}`)).toBe(200)
    expect(await status('Bearer wrong')).toBe(401)
    expect(await status('')).toBe(401)
  }))
