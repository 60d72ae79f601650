/** Elements 0 … n-1 in blocks; two that some set tells apart are in different ones. */
export class Partition {
  private readonly block: Int32Array
  private blocks = 1

  constructor(size: number) {
    this.block = new Int32Array(size)
  }

  /** Tells the members of a set apart from all others. Members may repeat. */
  split(members: Iterable<number>): void {
    const first = this.blocks
    const inside = new Map<number, number>()
    for (const member of members) {
      const before = this.block[member]!
      if (before >= first) continue
      let after = inside.get(before)
      if (after === undefined) {
        after = this.blocks++
        inside.set(before, after)
      }
      this.block[member] = after
    }
  }

  /** Tells apart all elements whose keys differ. */
  splitBy(keyOf: (element: number) => string): void {
    const known = new Map<string, number>()
    this.block.forEach((before, element) => {
      const key = `${before} ${keyOf(element)}`
      const after = known.get(key) ?? known.size
      known.set(key, after)
      this.block[element] = after
    })
    this.blocks = known.size
  }

  /** The blocks, in order of their first element, each in ascending order. */
  groups(): number[][] {
    const groups = new Map<number, number[]>()
    this.block.forEach((block, element) => {
      const group = groups.get(block)
      if (group) group.push(element)
      else groups.set(block, [element])
    })
    return [...groups.values()]
  }
}
