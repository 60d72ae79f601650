import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KubeletServerOptions, startKubeletServer } from '../../../../src/embedded/kubelet/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'ztlab-kubelet-'))
const socketPath = join(directory, 'kubelet.sock')
const worker = { spec: { name: 'main' }, running: { id: 'main' } }
const started = startKubeletServer({
  socketPath,
  programmers: {},
  runtime: {} as KubeletServerOptions['runtime'],
  find: (_namespace, pod) => (pod === 'web' ? worker : undefined) as ReturnType<KubeletServerOptions['find']>,
  findPod: () => ({ name: 'web', uid: '1', netns: '/nowhere', agentDirectory: '/nowhere' }),
  log: () => undefined,
})
afterAll(async () => {
  const server = await started
  server.close()
  rmSync(directory, { recursive: true })
})

/** The first bytes of the answer to an upgrade. */
async function upgraded(path: string, headers: Record<string, string>): Promise<string> {
  await started
  const socket = createConnection(socketPath)
  const lines = Object.entries({ host: 'kubelet', connection: 'Upgrade', ...headers })
  socket.write(
    `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  const [said] = await once(socket, 'data')
  socket.destroy()
  return String(said)
}

const spdy = { upgrade: 'SPDY/3.1' }
const offering = (protocol: string) => ({ ...spdy, 'x-stream-protocol-version': protocol })

test.each<[string, string, Record<string, string>, number, RegExp]>([
  [
    'exec by SPDY',
    '/exec/shop/web/main?stdout=true',
    offering('v4.channel.k8s.io'),
    101,
    /: v4.channel.k8s.io/,
  ],
  [
    'one offer of several',
    '/exec/shop/web/main?stdout=true',
    offering('v5.x, v4.channel.k8s.io'),
    101,
    /: v4/,
  ],
  [
    'another version',
    '/exec/shop/web/main?stdout=true',
    offering('v1.x'),
    403,
    /client supports \[v1.x\], server accepts/,
  ],
  ['no version', '/exec/shop/web/main?stdout=true', spdy, 400, /X-Stream-Protocol-Version is required/],
  [
    'nothing to carry',
    '/exec/shop/web/main?stdin=false',
    offering('v4.channel.k8s.io'),
    400,
    /you must specify at least 1 of stdin, stdout, stderr/,
  ],
  [
    'errors of a terminal, which has none',
    '/attach/shop/web/main?stderr=true&tty=true',
    offering('v4.channel.k8s.io'),
    400,
    /you must specify at least 1 of stdin, stdout, stderr/,
  ],
  ['a forward', '/portForward/shop/web', offering('portforward.k8s.io'), 101, /: portforward.k8s.io/],
  [
    'a forward by another',
    '/portForward/shop/web',
    offering('v4.channel.k8s.io'),
    403,
    /accepts \[portforward/,
  ],
  [
    'more ports than channels',
    `/portForward/shop/web?ports=${Array(129).fill(80)}`,
    { upgrade: 'websocket' },
    400,
    /129 ports are more than the 128/,
  ],
  [
    'a container that is not there',
    '/exec/shop/gone/main?stdout=true',
    offering('v4.channel.k8s.io'),
    404,
    /not found/,
  ],
  [
    'another protocol',
    '/exec/shop/web/main?stdout=true',
    { upgrade: 'h2c' },
    400,
    /unable to upgrade to h2c/,
  ],
  ['another path', '/run/shop/web/main', spdy, 501, /run is not served/],
  ['a path that is none', '/exec/%ff/web/main', spdy, 400, /URI malformed/],
  ['an address that is none', '//', spdy, 400, /Invalid URL/],
])('an upgrade: %s', async (_title, path, headers, code, said) => {
  const answer = await upgraded(path, headers)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${code} `))
  expect(answer).toMatch(said)
})
