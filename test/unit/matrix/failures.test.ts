import type { Duplex } from 'node:stream'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type Comparison, measureMatrix } from '../../../src/matrix/index.ts'
import { type FakeApi, fakeApi, type Reply, status } from '../kube/fake-api.ts'
import { sampleObjects } from './sample-cluster.ts'

let api: FakeApi
afterEach(() => api?.close())

test.each<[string, (socket: Duplex) => void, string]>([
  ['is cut', (socket) => socket.destroy(), 'socket hang up'],
  [
    'is refused because the token has expired',
    (socket) => refuse(socket, 401, 'Unauthorized'),
    'does not accept these credentials',
  ],
  ['fails in the API server', (socket) => refuse(socket, 500, 'no kubelet'), 'no kubelet'],
  [
    'is cut after it was taken up',
    (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
      socket.destroy()
    },
    'lost',
  ],
])('an exec that %s is an error with its cause, never deny', async (_how, act, cause) => {
  const cells = (await matrix({ exec: act })).cells
  expect(cells.map(({ measured }) => measured)).toEqual(['error', 'error'])
  for (const { reason, ok } of cells) {
    expect(reason).toContain(cause)
    expect(ok).toBe(false)
  }
})

test('an API server that is killed mid-matrix leaves errors, and nobody waits for it', async () => {
  const { cells } = await matrix({
    exec: (socket) => {
      api.server.close()
      api.server.closeAllConnections()
      socket.destroy()
    },
  })
  expect(cells.map(({ measured }) => measured)).toEqual(['error', 'error'])
  // What was waited for names its deadline.
  expect(cells.filter(({ reason }) => /within \d+ ms/.test(reason))).toEqual([])
})

test.each([
  [401, 'missing-permission', 'does not accept these credentials'],
  [403, 'missing-permission', 'does not permit'],
  [500, 'cluster-failed', 'failed on'],
])(
  'a cluster that cannot be read (%s) ends the run with exit code 3 and the cause',
  async (code, name, said) => {
    const act = matrix({ list: () => status(code, 'no'), exec: (socket) => socket.destroy() })
    await expect(act).rejects.toMatchObject({
      code: name,
      exitCode: 3,
      message: expect.stringContaining(said),
    })
  },
)

async function matrix({
  exec,
  list = listOf,
}: {
  exec: (socket: Duplex) => void
  list?: (path: string) => Reply
}): Promise<Comparison> {
  api = await fakeApi(({ path }) => list(path))
  api.server.on('upgrade', (_request, socket) => exec(socket))
  return measureMatrix({
    kube: api.kube,
    abilities: {
      policyApis: [],
      protocols: ['TCP'],
      nodeShell: false,
      probeTimeoutMs: 300,
      dataplane: 'unknown',
      sharesPolicyModel: false,
    },
    questions: ['shop/web', 'svc/shop/web'].map((to) => ({
      from: 'shop/client',
      to,
      protocol: 'TCP',
      port: 80,
      expectation: 'deny',
    })),
  })
}

/** The sample cluster over HTTP; kinds that it does not know are not served. */
function listOf(path: string): Reply {
  const [, plural = ''] = /\/([a-z]+)(?:\?.*)?$/.exec(path) ?? []
  const items = sampleObjects.filter((object) => pluralOf(object) === plural)
  if (items.length > 0) return { body: { items, metadata: { resourceVersion: '1' } } }
  const [, name] = /^\/api\/v1\/namespaces\/shop\/pods\/(\w+)$/.exec(path) ?? []
  const pod = sampleObjects.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === name)
  return pod ? { body: pod } : status(404, 'not served')
}

function pluralOf({ kind }: KubernetesObject): string {
  return `${kind.toLowerCase()}s`
}

function refuse(socket: Duplex, code: number, message: string): void {
  const body = JSON.stringify({ kind: 'Status', status: 'Failure', code, message })
  socket.end(
    `HTTP/1.1 ${code} No\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}
