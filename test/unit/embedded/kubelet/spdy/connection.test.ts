import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import { jest } from '@jest/globals'
import { controlFrame, dataFrame, flagFin, words } from '../../../../../src/embedded/kubelet/spdy/frames.ts'
import { dictionary } from '../../../../../src/embedded/kubelet/spdy/header-blocks.ts'
import { SpdyConnection, type SpdyStream } from '../../../../../src/embedded/kubelet/spdy/index.ts'
import { socketPair } from '../../../../support/socket-pair.ts'
import { opening, SpdyOpenings } from '../../../../support/spdy-frames.ts'

/** A client that opens stream 1, and what it hears. */
async function opened(onStream: (stream: SpdyStream) => string | undefined) {
  const [client, server] = await socketPair()
  new SpdyConnection(server, onStream)
  const heard: Buffer[] = []
  client.on('data', (chunk: Buffer) => heard.push(chunk))
  const openings = new SpdyOpenings()
  client.write(openings.next(1, { streamtype: 'stdin' }))
  while (!heard.length) await once(client, 'data')
  return { client, server, openings, heard, next: () => nextChunk(client, heard) }
}

async function nextChunk(client: Socket, heard: Buffer[]): Promise<Buffer> {
  heard.length = 0
  while (!heard.length) await once(client, 'data')
  return Buffer.concat(heard)
}

test('a stream carries data both ways, and each side ends what it says by itself', async () => {
  const said: string[] = []
  const { client, heard, next } = await opened((stream) => {
    stream.on('data', (chunk) => {
      said.push(String(chunk))
      stream.write(`echo ${chunk}`)
    })
    stream.on('end', () => stream.end('bye'))
    return undefined
  })
  expect(Buffer.concat(heard).subarray(0, 4).toString('hex')).toBe('80030002')
  // In pieces, as a network has it.
  const frame = dataFrame(1, 0, Buffer.from('hello'))
  client.write(frame.subarray(0, 5))
  client.write(frame.subarray(5, 10))
  client.write(frame.subarray(10))
  expect(await next()).toEqual(dataFrame(1, 0, Buffer.from('echo hello')))
  client.write(dataFrame(1, flagFin, Buffer.alloc(0)))
  const end = Buffer.concat([dataFrame(1, 0, Buffer.from('bye')), dataFrame(1, flagFin, Buffer.alloc(0))])
  heard.length = 0
  while (Buffer.concat(heard).length < end.length) await once(client, 'data')
  expect(Buffer.concat(heard)).toEqual(end)
  expect(said).toEqual(['hello'])
})

test('a ping comes back, and a stream that is refused is reset', async () => {
  const { client, heard, next } = await opened(() => 'not this one')
  expect(Buffer.concat(heard)).toEqual(controlFrame(3, words(1, 5)))
  client.write(controlFrame(6, words(7)))
  expect(await next()).toEqual(controlFrame(6, words(7)))
})

test('when a stream is reset, or the connection goes, its reader learns of it', async () => {
  let stream: SpdyStream | undefined
  const { client } = await opened((each) => {
    stream = each
    return undefined
  })
  client.write(controlFrame(3, words(1, 5)))
  await once(stream!, 'close')
  const other = await opened((each) => {
    stream = each
    return undefined
  })
  other.client.destroy()
  await once(stream!, 'close')
})

/** The end of all compression, not of this block alone. */
const lastHeaders = deflateSync(words(0), { dictionary })

test.each([
  ['words of HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['another version', Buffer.from('8002000100000000', 'hex')],
  ['a frame that is larger than any', Buffer.from('00000001001fffff', 'hex')],
  ['a stream whose headers are none', opening(1, Buffer.from('nonsense'))],
  ['headers after the last', Buffer.concat([opening(1, lastHeaders), opening(3, lastHeaders)])],
  ['a control frame that is cut short', controlFrame(1, Buffer.of(1))],
])('%s ends the connection', async (_title, bytes) => {
  const [client, server] = await socketPair()
  new SpdyConnection(server, () => undefined)
  client.resume().write(bytes)
  await new Promise((resolve) => server.once('close', resolve))
})

test('what comes after the end of a stream resets it, and the connection goes on', async () => {
  const { client, next } = await opened(() => undefined)
  client.write(dataFrame(1, flagFin, Buffer.from('all')))
  client.write(dataFrame(1, 0, Buffer.from('more')))
  expect(await next()).toEqual(controlFrame(3, words(1, 5)))
  client.write(controlFrame(6, words(7)))
  expect(await next()).toEqual(controlFrame(6, words(7)))
})

test('after GOAWAY no stream is taken, and the connection ends with those that there are', async () => {
  const { client, openings, next } = await opened((stream) => {
    stream.on('end', () => stream.end('bye')).resume()
    return undefined
  })
  client.write(controlFrame(7, words(1, 0)))
  client.write(openings.next(3, { streamtype: 'stdin' }))
  expect(await next()).toEqual(controlFrame(3, words(3, 3)))
  client.write(dataFrame(1, flagFin, Buffer.alloc(0)))
  const said = await next()
  expect(said.subarray(0, 11)).toEqual(dataFrame(1, 0, Buffer.from('bye')))
  await once(client, 'close')
})

test('a ping that answers one of ours is not answered', async () => {
  const { client, next } = await opened(() => undefined)
  client.write(Buffer.concat([controlFrame(6, words(2)), controlFrame(6, words(9))]))
  expect(await next()).toEqual(controlFrame(6, words(9)))
})

test('whoever asks for ever more answers and reads none is not heard any further', async () => {
  const [client, server] = await socketPair()
  new SpdyConnection(server, () => undefined)
  const ping = controlFrame(6, Buffer.concat([words(1), Buffer.alloc(60_000)]))
  // Until the kernel keeps no more of it.
  while (!server.writableNeedDrain || !client.writableNeedDrain) {
    if (!client.writableNeedDrain) client.write(ping)
    await turn()
  }
  expect(server.writableNeedDrain).toBe(true)
  // Not more than one answer beyond what makes it wait.
  expect(server.writableLength).toBeLessThan(server.writableHighWaterMark + 2 * ping.length)
  client.resume()
  await once(server, 'drain')
})

test('a client that goes while nobody takes what it says is noticed', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'setTimeout'] })
  try {
    let stream: SpdyStream | undefined
    const { client, server } = await opened((each) => {
      stream = each
      return undefined
    })
    while (stream!.readableLength < 1024 * 1024) {
      client.write(dataFrame(1, 0, Buffer.alloc(60_000)))
      await turn()
    }
    client.destroy()
    await turn()
    expect(stream!.destroyed).toBe(false)
    const closed = once(stream!, 'close')
    while (!server.destroyed) {
      jest.advanceTimersByTime(5_000)
      await turn()
    }
    await closed
    expect(jest.getTimerCount()).toBe(0)
  } finally {
    jest.useRealTimers()
  }
})
