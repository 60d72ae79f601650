import type { PortRange } from './rules.ts'

/** Ports as disjoint ranges that do not touch, ascending. */
export type PortSet = readonly PortRange[]

export const everyPort: PortSet = [{ first: 1, last: 65535 }]
export const noPort: PortSet = []

/** The set of these ranges, whatever their order and overlaps. */
export function portSet(ranges: Iterable<PortRange>): PortSet {
  const result: PortRange[] = []
  for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = result.at(-1)
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last)
    else result.push({ first, last })
  }
  return result
}

/** What is in the first set and not in the second. */
export function withoutPorts(from: PortSet, taken: PortSet): PortSet {
  return from.flatMap((range) => {
    const left: PortRange[] = []
    let { first } = range
    for (const hole of taken) {
      if (hole.last < first || hole.first > range.last) continue
      if (hole.first > first) left.push({ first, last: hole.first - 1 })
      first = hole.last + 1
    }
    return first <= range.last ? [...left, { first, last: range.last }] : left
  })
}

/** `53,80-90`, `all`, `none`. */
export function portSetText(ports: PortSet): string {
  const [lowest] = ports
  if (!lowest) return 'none'
  if (lowest.first === 1 && lowest.last === 65535) return 'all'
  return ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
