import { once } from 'node:events'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { spdyClient } from '../../../../../src/embedded/kubelet/exec/spdy-client.ts'
import {
  controlFrame,
  dataFrame,
  type Frame,
  flagFin,
  framesOf,
  frameType,
  words,
} from '../../../../../src/embedded/kubelet/spdy/frames.ts'
import { socketPair } from '../../../../support/socket-pair.ts'
import { SpdyOpenings } from '../../../../support/spdy-frames.ts'

const all = { stdin: true, stdout: true, stderr: true, tty: false }

/** A client that has opened streams of these types, by the IDs 1, 3, 5 and so on. */
async function opened(types: string[], wanted = all) {
  const [peer, server] = await socketPair()
  const openings = new SpdyOpenings()
  const open = (id: number, streamtype: string) => peer.write(openings.next(id, { streamtype }))
  const client = spdyClient(server, wanted)
  types.forEach((type, index) => {
    open(2 * index + 1, type)
  })
  return { peer, server, client, open }
}

const types = ['error', 'stdin', 'stdout', 'stderr']

/** What a client is sent to the end of the connection: texts by stream, and the control frames. */
async function heardBy(peer: Socket) {
  const texts: Record<number, string> = {}
  const ended: number[] = []
  const controls: Frame[] = []
  for await (const frame of framesOf(peer)) {
    if (frame.type !== 0) controls.push(frame)
    else if (frame.flags & flagFin) ended.push(frame.streamId)
    else texts[frame.streamId] = (texts[frame.streamId] ?? '') + frame.body
  }
  return { texts, ended, controls }
}

test('streams go both ways, and the Status comes after what was said', async () => {
  const { peer, client: opening } = await opened(types)
  const heard = heardBy(peer)
  const client = await opening
  peer.write(dataFrame(3, 0, Buffer.from('typed')))
  peer.write(dataFrame(3, flagFin, Buffer.alloc(0)))
  expect(await text(client.stdin!)).toBe('typed')
  client.stderr.end('err')
  client.stdout.end('out')
  await Promise.all([once(client.stdout, 'finish'), once(client.stderr, 'finish')])
  client.finish({ status: 'Success' })
  const { texts, ended, controls } = await heard
  expect(texts).toEqual({ 1: '{"status":"Success"}', 5: 'out', 7: 'err' })
  expect(ended.at(-1)).toBe(1)
  expect([...ended].sort()).toEqual([1, 5, 7])
  expect(controls.at(-1)!.type).toBe(frameType.goAway)
  await client.gone
})

test('a terminal has sizes and no stderr, and what is not wanted is dropped', async () => {
  const wanted = { stdin: false, stdout: true, stderr: true, tty: true }
  const { peer, client: opening } = await opened(['error', 'stdout', 'resize'], wanted)
  peer.write(dataFrame(5, 0, Buffer.from('{"Width":80,"Height":24}\n')))
  const client = await opening
  expect(client.stdin).toBeNull()
  const columns = await new Promise((resolve) => client.sizes.listen((size) => resolve(size.columns)))
  expect(columns).toBe(80)
  await once(client.stderr.end('dropped'), 'finish')
})

test('a stream of a wrong type, of one that there is, or of one too many is reset', async () => {
  const { peer, client: opening, open } = await opened(['error', 'error', '', 'stdin', 'stdout'])
  open(11, 'stderr')
  open(13, 'resize')
  const reset: number[] = []
  for await (const { type, body } of framesOf(peer)) {
    if (type === frameType.rstStream && reset.push(body.readUInt32BE(0)) === 3) break
  }
  expect(reset).toEqual([3, 5, 13])
  expect((await opening).stdin).not.toBeNull()
})

test('a terminal whose window nobody knows is served: streams are counted', async () => {
  // The query says tty and stderr, client-go's StreamOptions say no Tty: as cyclonus has it.
  const wanted = { stdin: false, stdout: true, stderr: true, tty: true }
  const { client } = await opened(['error', 'stdout', 'stderr'], wanted)
  expect((await client).stdin).toBeNull()
})

test.each([
  ['goes', (peer: Socket) => void peer.destroy()],
  ['says that it goes and opens nothing', (peer: Socket) => void peer.end()],
  ['does not speak SPDY', (peer: Socket) => void peer.write('GET / HTTP/1.1\r\n\r\n')],
])('a client that %s before its streams are open is none', async (_title, go) => {
  const { peer, server, client } = await opened(['error', 'stdin'])
  const refused = expect(client).rejects.toThrow('the client went when it had opened 2 of 4 streams')
  await once(peer.resume(), 'data')
  go(peer)
  await refused
  expect(server.destroyed).toBe(true)
})

test('when a client goes, all that it said and heard is closed', async () => {
  const { peer, client: opening } = await opened(types)
  const client = await opening
  const closed = [client.stdin!, client.stdout, client.stderr].map((each) => once(each, 'close'))
  peer.destroy()
  await Promise.all([client.gone, ...closed])
  client.finish({ status: 'Failure' })
})

test('a client that resets what it typed ends that alone', async () => {
  const { peer, client: opening } = await opened(types)
  peer.resume()
  const client = await opening
  peer.write(controlFrame(frameType.rstStream, words(3, 5)))
  await once(client.stdin!, 'close')
  expect(client.stdout.writable).toBe(true)
})
