/** Runs producers side by side and hands on what they push, in the order in which it comes. */
export async function* merged<T>(
  producers: ((push: (items: T[]) => void) => Promise<void>)[],
): AsyncGenerator<T> {
  const waiting: T[] = []
  let wake = () => {}
  let running = producers.length
  let failure: { error: unknown } | null = null
  const work = producers.map(async (produce) => {
    try {
      await produce((items) => {
        waiting.push(...items)
        wake()
      })
    } catch (error) {
      failure ??= { error }
    } finally {
      running--
      wake()
    }
  })
  while (running > 0 || waiting.length > 0) {
    if (waiting.length > 0) yield waiting.shift()!
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  await Promise.all(work)
  if (failure) throw (failure as { error: unknown }).error
}
