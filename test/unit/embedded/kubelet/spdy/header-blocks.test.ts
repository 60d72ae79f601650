import { createDeflate } from 'node:zlib'
import { dictionary, HeaderBlocks } from '../../../../../src/embedded/kubelet/spdy/header-blocks.ts'
import { SpdyOpenings } from '../../../../support/spdy-frames.ts'

/** What kubectl 1.32 sent as the first header block of a port-forward's connection. */
const fromKubectl =
  '78F9E3C6A7C202253A48F95B044AAB4C16060C0C0C9C4590D8CA04A5624603703A2C294A4DCC851635ACA9A08800000000FFFF'

test('a header block of kubectl is read by the dictionary of SPDY/3', async () => {
  const headers = await new HeaderBlocks().read(Buffer.from(fromKubectl, 'hex'))
  expect(Object.fromEntries(headers)).toEqual({ streamtype: 'error', port: '80', requestid: '0' })
})

test('each block is read in the context of those before', async () => {
  const [blocks, openings] = [new HeaderBlocks(), new SpdyOpenings()]
  for (const streamtype of ['error', 'stdin', 'stdout']) {
    const headers = await blocks.read(openings.block({ StreamType: streamtype }))
    expect(Object.fromEntries(headers)).toEqual({ streamtype })
  }
})

test('headers that unpack to more than a stream can need are refused', async () => {
  const bomb = createDeflate({ dictionary })
  bomb.end(Buffer.alloc(10_000_000))
  const packed = Buffer.concat(await bomb.toArray())
  expect(packed.length).toBeLessThan(20_000)
  await expect(new HeaderBlocks().read(packed)).rejects.toThrow('headers are larger than')
})
