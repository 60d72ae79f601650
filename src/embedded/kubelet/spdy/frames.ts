import type { Readable } from 'node:stream'

/** Frames of SPDY/3.1 as far as Kubernetes uses them: no window updates, no settings, no pushes. */
export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const

/** Data of a stream where `type` is 0, else a control frame whose body is not looked into. */
export interface Frame {
  type: number
  /** Of a data frame; a control frame names its stream in the body. */
  streamId: number
  flags: number
  body: Buffer
}

/** This side of the stream has said everything. */
export const flagFin = 1

/** Clients send what they have read from a connection: a few times ten thousand bytes. */
const maxFrameBytes = 1024 * 1024

const headBytes = 8

/** The frames that come in; ends with the stream. Throws where it is not SPDY, and for a frame over 1 MiB. */
export async function* framesOf(stream: Readable): AsyncGenerator<Frame> {
  let pending: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    pending.push(chunk)
    size += chunk.length
    if (size < wantedBytes(pending)) continue
    let rest = Buffer.concat(pending)
    while (rest.length >= headBytes) {
      const end = headBytes + lengthOf(rest)
      if (rest.length < end) break
      yield frameOf(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    pending = rest.length ? [rest] : []
    size = rest.length
  }
}

/** How much has to be there for the first frame to be whole. */
function wantedBytes([first]: Buffer[]): number {
  return first && first.length >= headBytes ? headBytes + lengthOf(first) : headBytes
}

function lengthOf(head: Buffer): number {
  const length = head.readUIntBE(5, 3)
  if (length > maxFrameBytes) throw new Error(`a frame of ${length} bytes is larger than ${maxFrameBytes}`)
  return length
}

function frameOf(bytes: Buffer): Frame {
  const word = bytes.readUInt32BE(0)
  const isControl = word >>> 31 === 1
  if (isControl && ((word >>> 16) & 0x7fff) !== 3) throw new Error('not a frame of SPDY/3.1')
  return {
    type: isControl ? word & 0xffff : 0,
    streamId: isControl ? 0 : word,
    flags: bytes[4]!,
    body: bytes.subarray(headBytes),
  }
}

export function dataFrame(streamId: number, flags: number, body: Buffer): Buffer {
  return Buffer.concat([head(streamId, flags, body.length), body])
}

export function controlFrame(type: number, body: Buffer): Buffer {
  return Buffer.concat([head((0x80030000 | type) >>> 0, 0, body.length), body])
}

function head(word: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(headBytes)
  bytes.writeUInt32BE(word, 0)
  bytes[4] = flags
  bytes.writeUIntBE(length, 5, 3)
  return bytes
}

/** Big-endian words, which is what most control frames are made of. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value >>> 0, index * 4)
  })
  return bytes
}
