import { after } from '../after.ts'

/** A kubelet asks for a new token when 80 % of the life of the old one is over, and after a day at most. */
const share = 0.8
const mostMs = 24 * 3_600_000

/** Calls `renew` again and again before what lives so long has ended. Returns what ends that. */
export function renewInTime(lifeMs: number, renew: () => Promise<void>): () => void {
  let cancel: () => void = () => undefined
  let isOver = false
  const wait = () => {
    if (!isOver) cancel = after(Math.min(lifeMs * share, mostMs), () => void renew().finally(wait))
  }
  wait()
  return () => {
    isOver = true
    cancel()
  }
}
