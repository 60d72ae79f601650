export interface Turns<Item> {
  /** What one item weighs; one that is heavier than all may weigh together goes alone. */
  weightOf(item: Item): number
  /** What those that are under way may weigh together. */
  most: number
}

/** Does the work for every item, in order, as many at a time as may be; results in the order of the items. */
export async function inTurns<Item, Result>(
  items: Item[],
  { weightOf, most }: Turns<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Promise<Result>[] = []
  const underWay = new Set<Promise<unknown>>()
  let weight = 0
  for (const item of items) {
    const own = weightOf(item)
    while (underWay.size > 0 && weight + own > most) await Promise.race(underWay)
    weight += own
    const result = work(item)
    results.push(result)
    const ended = result.then(
      () => undefined,
      () => undefined,
    )
    underWay.add(ended)
    void ended.then(() => {
      underWay.delete(ended)
      weight -= own
    })
  }
  return Promise.all(results)
}
