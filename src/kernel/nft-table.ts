/** The nftables objects of one table as data, and the way from one state of it to the next. Pure. */

/** Keys are the objects' names in nftables. */
export interface NftTable {
  /** Named counters; what stands behind a name is the owner's business. */
  counters: Map<string, unknown>
  sets: Map<string, NftSet>
  chains: Map<string, NftChain>
}

/** A set's name says what its type and its timeout are: a set of one name never changes them. */
export interface NftSet {
  keyword: 'set' | 'map'
  /** As nftables writes it: `ipv4_addr`, `ifname : verdict`. */
  type: string
  /** Elements are CIDRs rather than single values; they are disjoint. */
  interval: boolean
  /** Packets add elements, which leave again after this time without one more packet; `elements` is empty then. */
  timeoutSeconds?: number
  comment?: string
  /** Sorted; for a map `key : verdict`. */
  elements: string[]
}

export interface NftChain {
  /** A base chain's hook, as nftables writes it: `type filter hook forward priority filter; policy accept;`. */
  hook?: string
  /** One rule each. */
  lines: string[]
}

const nothing: NftTable = { counters: new Map(), sets: new Map(), chains: new Map() }

/**
 * The smallest nft script, one transaction, that turns `previous` into `next`; empty where they are equal. With
 * `previous` null the whole table, in place of one that may be there. `name` is family and name: `inet calico`.
 * Counters that stay keep their counts, and sets that packets fill their elements. Objects are made before and deleted
 * after what uses them.
 */
export function nftDiff(name: string, previous: NftTable | null, next: NftTable): string {
  const before = previous ?? nothing
  const change = { name, before, next }
  const changes = [
    ...removedElements(change),
    ...flushedChains(change),
    ...tableBlock(change),
    ...addedElements(change),
    ...deletions(change),
  ]
  if (previous && changes.length === 0) return ''
  // nft 1.0.6 knows no `destroy`: adding first makes the deletion safe where there is no table yet.
  const fresh = previous ? [] : [`add table ${name}`, `delete table ${name}`, `add table ${name}`]
  return `${[...fresh, ...changes].join('\n')}\n`
}

interface Change {
  name: string
  before: NftTable
  next: NftTable
}

function removedElements({ name: table, before, next }: Change): string[] {
  return changedElements(before, next, (old, current) => missing(old, current))
    .filter(({ name }) => next.sets.has(name))
    .map(({ name, elements }) => `delete element ${table} ${name} { ${elements.join(', ')} }`)
}

/** Elements of new sets as well: a verdict map's chains must be there first. */
function addedElements({ name: table, before, next }: Change): string[] {
  return changedElements(next, before, (current, old) => missing(current, old)).map(
    ({ name, elements }) => `add element ${table} ${name} { ${elements.join(', ')} }`,
  )
}

function changedElements(
  of: NftTable,
  against: NftTable,
  changed: (set: NftSet, other: NftSet | undefined) => string[],
): { name: string; elements: string[] }[] {
  return [...of.sets]
    .filter(([name, set]) => set !== against.sets.get(name))
    .map(([name, set]) => ({ name, elements: changed(set, against.sets.get(name)) }))
    .filter(({ elements }) => elements.length > 0)
}

function missing({ elements }: NftSet, from: NftSet | undefined): string[] {
  const known = new Set(from?.elements)
  return elements.filter((element) => !known.has(element))
}

/** Chains that change, and those that go: emptied first, they hold nothing else in place. */
function flushedChains({ name: table, before, next }: Change): string[] {
  return [...before.chains]
    .filter(([name, chain]) => !sameChain(chain, next.chains.get(name)) && chain.lines.length > 0)
    .map(([name]) => `flush chain ${table} ${name}`)
}

function tableBlock({ name: table, before, next }: Change): string[] {
  const counters = [...next.counters.keys()].filter((name) => !before.counters.has(name))
  const sets = [...next.sets].filter(([name]) => !before.sets.has(name))
  const chains = [...next.chains].filter(([name, chain]) => !sameChain(chain, before.chains.get(name)))
  const lines = [
    ...counters.map((name) => `\tcounter ${name} { }`),
    ...sets.flatMap(([name, set]) => setDeclaration(name, set)),
    ...chains.flatMap(([name, chain]) => chainDeclaration(name, chain)),
  ]
  return lines.length === 0 ? [] : [`table ${table} {`, ...lines, '}']
}

function setDeclaration(name: string, set: NftSet): string[] {
  return [
    `\t${set.keyword} ${name} {`,
    `\t\ttype ${set.type}`,
    ...(set.interval ? ['\t\tflags interval'] : []),
    ...(set.timeoutSeconds === undefined
      ? []
      : ['\t\tflags dynamic,timeout', `\t\ttimeout ${set.timeoutSeconds}s`]),
    ...(set.comment === undefined ? [] : [`\t\tcomment "${set.comment}"`]),
    '\t}',
  ]
}

function chainDeclaration(name: string, chain: NftChain): string[] {
  const hook = chain.hook === undefined ? [] : [`\t\t${chain.hook}`]
  return [`\tchain ${name} {`, ...hook, ...chain.lines.map((line) => `\t\t${line}`), '\t}']
}

function sameChain(chain: NftChain, other: NftChain | undefined): boolean {
  if (chain === other) return true
  if (other?.lines.length !== chain.lines.length) return false
  return chain.lines.every((line, index) => line === other.lines[index])
}

function deletions({ name: table, before, next }: Change): string[] {
  const gone = <T>(old: Map<string, T>, current: Map<string, T>) =>
    [...old].filter(([name]) => !current.has(name))
  const deletedSet = ([name, set]: [string, NftSet]) => `delete ${set.keyword} ${table} ${name}`
  return [
    // A verdict map holds its chains in place.
    ...gone(before.sets, next.sets)
      .filter(([, set]) => set.keyword === 'map')
      .map(deletedSet),
    ...gone(before.chains, next.chains).map(([name]) => `delete chain ${table} ${name}`),
    ...gone(before.sets, next.sets)
      .filter(([, set]) => set.keyword !== 'map')
      .map(deletedSet),
    ...gone(before.counters, next.counters).map(([name]) => `delete counter ${table} ${name}`),
  ]
}
