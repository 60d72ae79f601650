import { messageOf } from '../../errors.ts'
import { after } from '../after.ts'
import { isApiError } from '../api-client/index.ts'

/** Keys to reconcile, one after the other, each at most once in the queue. */
export interface WorkQueue {
  add(key: string): void
  /** Adds a key later, in place of a later addition that was asked for before. */
  addAfter(key: string, delayMs: number): void
  /** Resolves once nothing is queued or running; a key that failed and waits for its retry does not count. */
  idle(): Promise<void>
  stop(): void
}

export interface WorkQueueOptions {
  name: string
  reconcile(key: string): Promise<void>
  log(line: string): void
}

/** The API answers between the turns of a controller that has much to do. */
const longestTurnMs = 5
const firstRetryMs = 20
const lastRetryMs = 5_000

/** A key whose reconciliation fails is tried again after 20 ms, doubling up to 5 s; a success forgets the failures. */
export function workQueue({ name, reconcile, log }: WorkQueueOptions): WorkQueue {
  const queued = new Set<string>()
  const failures = new Map<string, number>()
  const delayed = new Map<string, { atMs: number; cancel: () => void }>()
  let waiters: (() => void)[] = []
  let running = false
  let stopped = false

  const run = async () => {
    running = true
    let turnBegan = performance.now()
    for (const key of queued) {
      queued.delete(key)
      await reconcileOne(key)
      if (stopped) break
      if (performance.now() - turnBegan < longestTurnMs) continue
      await nextTurn()
      turnBegan = performance.now()
    }
    running = false
    const woken = waiters
    waiters = []
    for (const wake of woken) wake()
  }
  const reconcileOne = async (key: string) => {
    try {
      await reconcile(key)
      failures.delete(key)
    } catch (error) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      if (isTerminating(error)) return
      if (!isOutdated(error)) log(`${name}: ${key}: ${messageOf(error)}`)
      addAfter(key, Math.min(firstRetryMs * 2 ** (count - 1), lastRetryMs))
    }
  }
  const addAfter = (key: string, delayMs: number) => {
    if (stopped) return
    const atMs = performance.now() + delayMs
    const known = delayed.get(key)
    if (known && known.atMs <= atMs) return
    known?.cancel()
    const cancel = after(delayMs, () => {
      delayed.delete(key)
      add(key)
    })
    delayed.set(key, { atMs, cancel })
  }
  const add = (key: string) => {
    if (stopped) return
    queued.add(key)
    if (running) return
    running = true
    // Not at once: what changes within the same turn is reconciled together.
    setImmediate(() => void run())
  }
  return {
    add,
    addAfter,
    idle: () => (running ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve()),
    stop() {
      stopped = true
      queued.clear()
      for (const { cancel } of delayed.values()) cancel()
    },
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The namespace is going, and what a controller wants in it with it: nothing to try again. */
function isTerminating(error: unknown): boolean {
  const { details } = error as { details?: { causes?: { reason: string }[] } }
  return details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false
}

/** A conflict or a vanished object: the next change brings the truth, and nobody needs to hear of it. */
function isOutdated(error: unknown): boolean {
  return isApiError(error, 409) || isApiError(error, 404)
}
