import { constants, deflateRawSync, deflateSync } from 'node:zlib'
import { controlFrame, frameType, words } from '../../src/embedded/kubelet/spdy/frames.ts'
import { dictionary } from '../../src/embedded/kubelet/spdy/header-blocks.ts'

const finishFlush = constants.Z_SYNC_FLUSH

/** The frames by which one client of SPDY/3.1 opens its streams. */
export class SpdyOpenings {
  private isFirst = true

  /** A SYN_STREAM frame. Each goes on with the compression of those before: they are sent in the order they are made. */
  next(streamId: number, headers: Record<string, string>, flags = 0): Buffer {
    return opening(streamId, this.block(headers), flags)
  }

  block(headers: Record<string, string>): Buffer {
    const texts = Object.entries(headers)
      .flat()
      .map((text) => Buffer.from(text))
    const plain = Buffer.concat([
      words(texts.length / 2),
      ...texts.flatMap((text) => [words(text.length), text]),
    ])
    // What does not look back can follow anything.
    const packed = this.isFirst
      ? deflateSync(plain, { dictionary, finishFlush })
      : deflateRawSync(plain, { finishFlush })
    this.isFirst = false
    return packed
  }
}

/** A SYN_STREAM frame with a header block as it stands. */
export function opening(streamId: number, block: Buffer, flags = 0): Buffer {
  const frame = controlFrame(frameType.synStream, Buffer.concat([words(streamId, 0), Buffer.of(0, 0), block]))
  frame[4] = flags
  return frame
}
