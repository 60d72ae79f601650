import { createInterface } from 'node:readline'
import type { Output } from './output.ts'

/** Waits until Enter is pressed, the input ends, or `signal` is aborted. */
export function pressEnter({
  output,
  stdin,
  signal,
}: {
  output: Output
  stdin: NodeJS.ReadableStream
  signal: AbortSignal
}): Promise<void> {
  output.status('press Enter for the next step')
  const lines = createInterface({ input: stdin })
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      lines.close()
      resolve()
    }
    lines.once('line', end)
    lines.once('close', end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
