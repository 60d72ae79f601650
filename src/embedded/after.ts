/** The longest that a timer of Node holds; a longer one fires at once. */
const longestMs = 2 ** 31 - 1

/**
 * Calls back once, after any time: what the API takes as seconds may be more than the 24 days of Node's timers. Keeps no
 * process alive. Returns what takes it back.
 */
export function after(delayMs: number, call: () => void): () => void {
  let timer: NodeJS.Timeout
  const wait = (leftMs: number) => {
    const next = leftMs > longestMs ? () => wait(leftMs - longestMs) : call
    timer = setTimeout(next, Math.min(leftMs, longestMs)).unref()
  }
  wait(delayMs)
  return () => clearTimeout(timer)
}
