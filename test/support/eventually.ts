import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from './patience.ts'

/** Tries until it holds, for what comes true without a word to wait for, e.g. an Event; throws what the last try threw. */
export async function eventually(attempt: () => Promise<unknown>, timeoutMs = 30_000): Promise<void> {
  for (const deadline = performance.now() + timeoutMs * patience; ; await sleep(200)) {
    try {
      await attempt()
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}
