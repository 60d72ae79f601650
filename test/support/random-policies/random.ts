/** Random numbers that a seed repeats (a 32-bit linear congruential generator). */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** A whole number of 0 to below `limit`. */
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.state / 2 ** 32) * limit)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }

  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000
  }
}

/** A fixed seed and one of this run, which `ZTLAB_SEED` repeats. */
export const seeds = [...new Set([1, Number(process.env.ZTLAB_SEED ?? Date.now() % 2 ** 31)])]

/** How often a random test goes round: as often as usual, or `ZTLAB_RANDOM_SCALE` times that, at least once. */
export function scaled(usual: number): number {
  return Math.max(1, Math.round(usual * Number(process.env.ZTLAB_RANDOM_SCALE ?? 1)))
}
