import { WebSocketServer } from 'ws'
import { type FakeApi, fakeApi, status } from './fake-api.ts'

let api: FakeApi
let sockets: WebSocketServer
afterEach(async () => {
  sockets?.close()
  await api.close()
})

/** A server whose execs are played by `play`, which gets the socket and what came on standard input. */
async function serve(
  play: (send: (channel: number, text: string) => void, socket: { terminate(): void }) => void,
) {
  api = await fakeApi(() => status(404, 'pods "web" not found'))
  sockets = new WebSocketServer({ server: api.server, handleProtocols: () => 'v5.channel.k8s.io' })
  sockets.on('connection', (socket) =>
    play((channel, text) => socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)])), socket),
  )
  return (timeoutMs = 30_000) =>
    api.kube.exec({ namespace: 'shop', pod: 'web', command: ['true'], timeoutMs })
}

const failure = (reason: string, message: string, causes: object[] = []) =>
  JSON.stringify({ status: 'Failure', reason, message, details: { causes } })

test('returns the exit code and both streams', async () => {
  const exec = await serve((send) => {
    send(1, 'out')
    send(2, 'err')
    send(1, 'put')
    send(3, failure('NonZeroExitCode', 'exit code 7', [{ reason: 'ExitCode', message: '7' }]))
  })
  await expect(exec()).resolves.toEqual({ code: 7, stdout: 'output', stderr: 'err' })
})

test('success is exit code 0', async () => {
  const exec = await serve((send) => send(3, JSON.stringify({ status: 'Success' })))
  await expect(exec()).resolves.toEqual({ code: 0, stdout: '', stderr: '' })
})

test.each([
  [
    'a stream that breaks off',
    (send: (channel: number, text: string) => void, socket: { terminate(): void }) => {
      send(1, 'half')
      setTimeout(() => socket.terminate(), 10)
    },
    'cluster-unreachable',
    undefined,
  ],
  [
    'a program that does not exist',
    (send: (channel: number, text: string) => void) => send(3, failure('InternalError', 'no such file')),
    'command-failed',
    undefined,
  ],
  ['a command that does not end', () => {}, 'timeout', 200],
])('%s is no exit code', async (_what, play, code, timeoutMs) => {
  const exec = await serve(play)
  await expect(exec(timeoutMs)).rejects.toMatchObject({ code })
})

test('a pod that does not exist is said by the API itself', async () => {
  api = await fakeApi(() => status(404, 'pods "web" not found'))
  const exec = api.kube.exec({ namespace: 'shop', pod: 'web', command: ['true'] })
  await expect(exec).rejects.toMatchObject({
    code: 'not-found',
    problems: ['exec in shop/web: pods "web" not found'],
  })
})

test.each([
  [404, 'no such running container: shop/web/web', 'command-failed'],
  [400, 'cannot exec into a container in a completed pod; current phase is Failed', 'command-failed'],
  [400, 'container nope is not valid for pod web', 'bad-input'],
])('what %d says of a pod: %s', async (code, message, expected) => {
  api = await fakeApi(() => ({ status: code, body: { kind: 'Status', status: 'Failure', code, message } }))
  const exec = api.kube.exec({ namespace: 'shop', pod: 'web', command: ['true'] })
  await expect(exec).rejects.toMatchObject({ code: expected })
})
