import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { jest } from '@jest/globals'
import { WebSocket, WebSocketServer } from 'ws'
import type { ExecClient } from '../../../../../src/embedded/kubelet/exec/exec-client.ts'
import { webSocketClient } from '../../../../../src/embedded/kubelet/exec/web-socket-client.ts'
import { guard } from '../../../../../src/embedded/kubelet/web-socket.ts'

const all = { stdin: true, stdout: true, stderr: true, tty: true }

const opened: Array<{ terminate(): void }> = []
afterEach(() => {
  for (const each of opened.splice(0)) each.terminate()
})

async function connected(wanted = all) {
  const server = createServer().listen(0, '127.0.0.1')
  const sockets = new WebSocketServer({ server })
  await once(server, 'listening')
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  peer.on('error', () => undefined)
  const messages: string[] = []
  peer.on('message', (data: Buffer) => void messages.push(`${data[0]} ${data.subarray(1)}`))
  const client = new Promise<{ socket: WebSocket; client: ExecClient }>((resolve) => {
    sockets.once('connection', (socket) =>
      resolve({ socket, client: webSocketClient(guard(socket), wanted) }),
    )
  })
  await once(peer, 'open')
  server.close()
  const both = { peer, messages, ...(await client) }
  opened.push(peer, both.socket)
  return both
}

const message = (channel: number, said: string | Buffer) =>
  Buffer.concat([Buffer.of(channel), Buffer.from(said)])

test('streams go both ways, and the Status comes after what was said', async () => {
  const { peer, messages, client } = await connected()
  peer.send(message(0, 'ty'))
  peer.send(message(0, 'ped'))
  peer.send(Buffer.of(255, 0))
  peer.send(message(0, 'after the end'))
  expect(await text(client.stdin!)).toBe('typed')
  client.stdout.write('out')
  client.stderr.write('err')
  client.finish({ status: 'Success' })
  const [code] = await once(peer, 'close')
  expect(messages).toEqual(['1 out', '2 err', '3 {"status":"Success"}'])
  expect(code).toBe(1000)
  await client.gone
})

test('a size that came before anybody listened, and what is not wanted is dropped both ways', async () => {
  const wanted = { stdin: false, stdout: false, stderr: true, tty: true }
  const { peer, messages, client } = await connected(wanted)
  expect(client.stdin).toBeNull()
  for (let count = 0; count < 5; count += 1) peer.send(message(0, Buffer.alloc(1024 * 1024)))
  peer.send(message(4, '{"Width":80,"Height":24}'))
  const columns = await new Promise((resolve) => client.sizes.listen((size) => resolve(size.columns)))
  expect(columns).toBe(80)
  client.stdout.write('out')
  client.finish({})
  await once(peer, 'close')
  expect(messages).toEqual(['3 {}'])
})

test('when a client goes, what it typed ends, and what it heard is closed', async () => {
  const { peer, client } = await connected()
  client.stdin!.resume()
  const ended = [once(client.stdin!, 'end'), once(client.stdout, 'close'), once(client.stderr, 'close')]
  client.stdout.write('out')
  peer.terminate()
  await Promise.all([client.gone, ...ended])
  client.finish({ status: 'Failure' })
})

test('nothing is read while nobody takes what is typed; a client that goes meanwhile is noticed', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] })
  try {
    const { peer, socket, client } = await connected()
    for (let count = 0; count < 5; count += 1) peer.send(message(0, Buffer.alloc(1024 * 1024)))
    while (!socket.isPaused) await turn()
    client.stdin!.read()
    while (!socket.isPaused) await turn()
    peer.terminate()
    await turn()
    expect(socket.readyState).toBe(WebSocket.OPEN)
    while (socket.readyState === WebSocket.OPEN) {
      jest.advanceTimersByTime(5_000)
      await turn()
    }
    await client.gone
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})

test('whoever asks for ever more pongs and reads none is cut off', async () => {
  const { peer, socket } = await connected()
  let isGone = false
  socket.once('close', () => {
    isGone = true
  })
  peer.pause()
  while (!isGone) {
    for (let count = 0; count < 2000; count += 1) peer.ping(Buffer.alloc(125))
    await turn()
  }
  expect(socket.bufferedAmount).toBeLessThan(20 * 1024 * 1024)
})
