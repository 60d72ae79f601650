let lastNanoseconds = 0n

/**
 * A name for a new Event about an object of this name, made as client-go makes it (`NAME.NANOSECONDS` in hex), never the
 * same twice: a list by name is one by time, which is all that orders Events of one second.
 */
export function newEventName(object: string): string {
  const now = BigInt(Date.now()) * 1_000_000n
  lastNanoseconds = now > lastNanoseconds ? now : lastNanoseconds + 1n
  return `${object}.${lastNanoseconds.toString(16)}`
}
