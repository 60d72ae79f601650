import { mutatedBytes, randomBytes, randomWord } from './mutate.ts'
import { type Aim, authorization, httpBytes, type Shot } from './shot.ts'

/** A request or what is nearly one: no client library would send it. */
export function rawShot({ random, token }: Aim): Shot {
  const path = '/api/v1/namespaces/shop/configmaps'
  const headers = { ...authorization(token), 'content-type': 'application/json' }
  const request = { method: 'GET', path, headers }
  const lines = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')
  const bearer = token === null ? '' : `Authorization: Bearer ${token}\n`
  const tries: [string, Buffer][] = [
    ['bytes', randomBytes(random, 400)],
    ['nearly a request', mutatedBytes(random, httpBytes(request))],
    ['no version', lines(`GET ${path}\n\n`)],
    ['another version', lines(`GET ${path} HTTP/9.9\nHost: api\n${bearer}\n`)],
    ['HTTP/2', lines('PRI * HTTP/2.0\n\nSM\n\n')],
    ['no host', lines(`GET ${path} HTTP/1.1\nConnection: close\n${bearer}\n`)],
    ['two hosts', lines(`GET ${path} HTTP/1.1\nHost: a\nHost: b\nConnection: close\n${bearer}\n`)],
    [
      'a header that is huge',
      httpBytes({ ...request, headers: { ...headers, 'x-huge': 'a'.repeat(40_000) } }),
    ],
    ['a thousand headers', httpBytes({ ...request, headers: { ...headers, ...many('x-many') } })],
    ['a path that is huge', httpBytes({ ...request, path: `/${'a'.repeat(40_000)}` })],
    ['a path of another host', httpBytes({ ...request, path: `http://example.com${path}` })],
    ['a path that is none', httpBytes({ ...request, path: randomWord(random).slice(0, 1000) })],
    [
      'two lengths',
      lines(`POST ${path} HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n${bearer}\n{}`),
    ],
    [
      'length and chunks',
      lines(
        `POST ${path} HTTP/1.1\nHost: a\nContent-Length: 4\nTransfer-Encoding: chunked\n${bearer}\n0\n\n`,
      ),
    ],
    [
      'chunks that are none',
      lines(
        `POST ${path} HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n${bearer}\nZZ\n{}`,
      ),
    ],
    ['a negative length', lines(`POST ${path} HTTP/1.1\nHost: a\nContent-Length: -1\n${bearer}\n{}`)],
    [
      'a header in two lines',
      lines(`GET ${path} HTTP/1.1\nHost: a\nX-A: b\n c\nConnection: close\n${bearer}\n`),
    ],
    ['a header without a name', lines(`GET ${path} HTTP/1.1\nHost: a\n: b\n${bearer}\n`)],
    ['a NUL in a header', lines(`GET ${path} HTTP/1.1\nHost: a\nX-A: b\0c\n${bearer}\n`)],
    ['CONNECT', lines(`CONNECT example.com:443 HTTP/1.1\nHost: a\n${bearer}\n`)],
    ['TRACE', httpBytes({ ...request, method: 'TRACE' })],
    ['a method that is none', httpBytes({ ...request, method: 'FROBNICATE' })],
    ['an expectation', httpBytes({ ...request, headers: { ...headers, expect: 'the-unexpected' } })],
    [
      'an upgrade to nothing',
      httpBytes({ ...request, headers: { ...headers, connection: 'upgrade', upgrade: 'nothing' } }),
    ],
    ['another scheme', httpBytes({ ...request, headers: { authorization: 'Basic YTpi' } })],
    [
      'a token that is none',
      httpBytes({
        ...request,
        headers: { authorization: `Bearer ${randomWord(random).replace(/[^\x20-\x7e]/g, '')}` },
      }),
    ],
  ]
  const [what, bytes] = random.pick(tries)
  return { what, bytes, right: (code) => code === null || code < 500, isPartial: true, saysStatus: false }
}

function many(name: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 1000 }, (_each, index) => [`${name}-${index}`, 'x']))
}
