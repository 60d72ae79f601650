import { type Duplex, duplexPair } from 'node:stream'
import { createDeflate, type Deflate } from 'node:zlib'
import type { WantedStreams } from '../../../../src/embedded/kubelet/exec/exec-client.ts'
import { spdyClient } from '../../../../src/embedded/kubelet/exec/spdy-client.ts'
import { controlFrame, type Frame, framesOf, words } from '../../../../src/embedded/kubelet/spdy/frames.ts'
import { dictionary } from '../../../../src/embedded/kubelet/spdy/header-blocks.ts'

const none: WantedStreams = { stdin: false, stdout: false, stderr: false, tty: false }
const output = { ...none, stdout: true, stderr: true }

test.each([
  ['a command', output, ['error', 'stdout', 'stderr']],
  ['a terminal', { ...output, stdin: true, tty: true }, ['error', 'stdin', 'stdout', 'resize']],
  // The query says tty and stderr, client-go's StreamOptions say no Tty: as cyclonus has it.
  ['a terminal whose window nobody knows', { ...output, tty: true }, ['error', 'stdout', 'stderr']],
])(
  '%s is served once its client has opened as many streams as a kubelet counts',
  async (_title, wanted, types) => {
    const [socket, peer] = duplexPair()
    const serving = spdyClient(socket, wanted)
    await open(peer, types)
    const client = await serving
    const frames = framesOf(peer)
    client.stdout.write('said')
    expect(await nextData(frames)).toEqual([1 + 2 * types.indexOf('stdout'), 'said'])
    client.finish({ status: 'Success' })
    expect(await nextData(frames)).toEqual([1, '{"status":"Success"}'])
    peer.end()
    await client.gone
  },
)

test('a client that goes before it has opened them is not served', async () => {
  const [socket, peer] = duplexPair()
  const serving = spdyClient(socket, output)
  await open(peer, ['error', 'stdout'])
  peer.end()
  await expect(serving).rejects.toThrow('the client went when it had opened 2 of 3 streams')
})

/** Opens a stream for each type: 1, 3, 5, … */
async function open(peer: Duplex, types: string[]): Promise<void> {
  const deflate = createDeflate({ dictionary })
  for (const [index, type] of types.entries()) {
    const headers = [
      words(1),
      ...['streamtype', type].flatMap((word) => [words(word.length), Buffer.from(word)]),
    ]
    const block = await packed(deflate, Buffer.concat(headers))
    peer.write(controlFrame(1, Buffer.concat([words(1 + 2 * index, 0), Buffer.of(0, 0), block])))
  }
}

function packed(deflate: Deflate, bytes: Buffer): Promise<Buffer> {
  deflate.write(bytes)
  return new Promise((resolve) => deflate.flush(() => resolve(deflate.read())))
}

/** The stream and the words of the next frame of data. */
async function nextData(frames: AsyncGenerator<Frame>): Promise<[number, string]> {
  const { value: frame } = await frames.next()
  return frame.type === 0 && frame.body.length ? [frame.streamId, String(frame.body)] : nextData(frames)
}
