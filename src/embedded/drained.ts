import type { Writable } from 'node:stream'

/** Resolves once a stream takes more, or nothing any more; at once where it does. */
export function drained(stream: Pick<Writable, 'writableNeedDrain' | 'on' | 'off'>): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writableNeedDrain) return resolve()
    const done = () => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
}
