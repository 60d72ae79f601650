import { randomInt } from 'node:crypto'

let lastNanoseconds = 0n

/**
 * A name for a new Event about an object of this name, made as client-go makes it (`NAME.NANOSECONDS` in hex), never the
 * same twice: a list by name is one by time, which is all that orders Events of one second.
 */
export function newEventName(object: string): string {
  const now = nanoseconds()
  lastNanoseconds = now > lastNanoseconds ? now : lastNanoseconds + 1n
  return `${object}.${lastNanoseconds.toString(16)}`
}

/**
 * The time by the finest clock there is, in microseconds, and below that at random: a scheduler and a kubelet write of
 * one pod within a microsecond, and an Event whose name is taken is lost.
 */
function nanoseconds(): bigint {
  const fineMs = performance.timeOrigin + performance.now()
  // It stands still while a machine sleeps and knows nothing of a clock that was set.
  const ms = Math.abs(fineMs - Date.now()) < 10 ? fineMs : Date.now()
  return BigInt(Math.floor(ms * 1000)) * 1000n + BigInt(randomInt(1000))
}
