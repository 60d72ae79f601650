import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createDeflate } from 'node:zlib'
import { controlFrame, dataFrame, flagFin, words } from '../../../../src/embedded/kubelet/spdy/frames.ts'
import { dictionary, HeaderBlocks } from '../../../../src/embedded/kubelet/spdy/header-blocks.ts'
import { SpdyConnection, type SpdyStream } from '../../../../src/embedded/kubelet/spdy/index.ts'

/** What kubectl 1.32 sent as the first header block of a port-forward's connection. */
const fromKubectl =
  '78F9E3C6A7C202253A48F95B044AAB4C16060C0C0C9C4590D8CA04A5624603703A2C294A4DCC851635ACA9A08800000000FFFF'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

test('a header block of kubectl is read by the dictionary of SPDY/3', async () => {
  const headers = await new HeaderBlocks().read(Buffer.from(fromKubectl, 'hex'))
  expect(Object.fromEntries(headers)).toEqual({ streamtype: 'error', port: '80', requestid: '0' })
})

test('headers that unpack to more than a stream can need are refused', async () => {
  const bomb = createDeflate({ dictionary })
  bomb.end(Buffer.alloc(10_000_000))
  const packed = Buffer.concat(await bomb.toArray())
  expect(packed.length).toBeLessThan(20_000)
  await expect(new HeaderBlocks().read(packed)).rejects.toThrow('headers are larger than')
})

/** The two ends of a connection. */
async function connected(): Promise<[client: Socket, server: Socket]> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  const [server] = await once(listener, 'connection')
  listener.close()
  return [client, server]
}

/** A client that opens stream 1, and what it hears. */
async function opened(onStream: (stream: SpdyStream) => string | undefined) {
  const [client, server] = await connected()
  sockets.push(client)
  new SpdyConnection(server, onStream)
  const heard: Buffer[] = []
  client.on('data', (chunk: Buffer) => heard.push(chunk))
  client.write(opening(1, Buffer.from(fromKubectl, 'hex')))
  while (!heard.length) await once(client, 'data')
  return { client, heard, next: () => nextChunk(client, heard) }
}

function opening(id: number, block: Buffer): Buffer {
  return controlFrame(1, Buffer.concat([words(id, 0), Buffer.of(0, 0), block]))
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

test.each([
  ['words of HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['another version', Buffer.from('8002000100000000', 'hex')],
  ['a frame that is larger than any', Buffer.from('00000001001fffff', 'hex')],
  ['a stream whose headers are none', opening(1, Buffer.from('nonsense'))],
  ['a control frame that is cut short', controlFrame(1, Buffer.of(1))],
])('%s ends the connection', async (_title, bytes) => {
  const [client, server] = await connected()
  new SpdyConnection(server, () => undefined)
  client.on('error', () => undefined).resume()
  client.write(bytes)
  await new Promise((resolve) => server.once('close', resolve))
  client.destroy()
})
