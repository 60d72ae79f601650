import { type NftChain, type NftSet, type Rendering, tableName } from './rendering.ts'

const nothing: Rendering = { counters: new Map(), sets: new Map(), chains: new Map() }

/**
 * The smallest nft script, one transaction, that turns `previous` into `next`; empty where they are equal. With
 * `previous` null the whole table, in place of one that may be there.
 * Counters that stay keep their counts. Objects are made before and deleted after what uses them.
 */
export function diff(previous: Rendering | null, next: Rendering): string {
  const before = previous ?? nothing
  const changes = [
    ...removedElements(before, next),
    ...flushedChains(before, next),
    ...tableBlock(before, next),
    ...addedElements(before, next),
    ...deletions(before, next),
  ]
  if (changes.length === 0) return ''
  // nft 1.0.6 knows no `destroy`: adding first makes the deletion safe where there is no table yet.
  const fresh = previous
    ? []
    : [`add table ${tableName}`, `delete table ${tableName}`, `add table ${tableName}`]
  return `${[...fresh, ...changes].join('\n')}\n`
}

function removedElements(before: Rendering, next: Rendering): string[] {
  return changedElements(before, next, (old, current) => missing(old.elements, current?.elements ?? []))
    .filter(({ name }) => next.sets.has(name))
    .map(({ name, elements }) => `delete element ${tableName} ${name} { ${elements.join(', ')} }`)
}

/** Elements of new sets as well: a verdict map's chains must be there first. */
function addedElements(before: Rendering, next: Rendering): string[] {
  return changedElements(next, before, (current, old) => missing(current.elements, old?.elements ?? [])).map(
    ({ name, elements }) => `add element ${tableName} ${name} { ${elements.join(', ')} }`,
  )
}

function changedElements(
  of: Rendering,
  against: Rendering,
  changed: (set: NftSet, other: NftSet | undefined) => string[],
): { name: string; elements: string[] }[] {
  return [...of.sets]
    .map(([name, set]) => ({ name, elements: changed(set, against.sets.get(name)) }))
    .filter(({ elements }) => elements.length > 0)
}

function missing(elements: string[], from: string[]): string[] {
  const known = new Set(from)
  return elements.filter((element) => !known.has(element))
}

/** Chains that change, and those that go: emptied first, they hold nothing else in place. */
function flushedChains(before: Rendering, next: Rendering): string[] {
  return [...before.chains]
    .filter(([name, chain]) => !sameChain(chain, next.chains.get(name)) && chain.lines.length > 0)
    .map(([name]) => `flush chain ${tableName} ${name}`)
}

function tableBlock(before: Rendering, next: Rendering): string[] {
  const counters = [...next.counters.keys()].filter((name) => !before.counters.has(name))
  const sets = [...next.sets].filter(([name]) => !before.sets.has(name))
  const chains = [...next.chains].filter(([name, chain]) => !sameChain(chain, before.chains.get(name)))
  const lines = [
    ...counters.map((name) => `\tcounter ${name} { }`),
    ...sets.flatMap(([name, set]) => setDeclaration(name, set)),
    ...chains.flatMap(([name, chain]) => chainDeclaration(name, chain)),
  ]
  return lines.length === 0 ? [] : [`table ${tableName} {`, ...lines, '}']
}

function setDeclaration(name: string, set: NftSet): string[] {
  return [
    `\t${set.keyword} ${name} {`,
    `\t\ttype ${set.type}`,
    ...(set.interval ? ['\t\tflags interval'] : []),
    ...(set.comment === undefined ? [] : [`\t\tcomment "${set.comment}"`]),
    '\t}',
  ]
}

function chainDeclaration(name: string, chain: NftChain): string[] {
  const hook = chain.hook === undefined ? [] : [`\t\t${chain.hook}`]
  return [`\tchain ${name} {`, ...hook, ...chain.lines.map((line) => `\t\t${line}`), '\t}']
}

function sameChain(chain: NftChain, other: NftChain | undefined): boolean {
  if (other?.lines.length !== chain.lines.length) return false
  return chain.lines.every((line, index) => line === other.lines[index])
}

function deletions(before: Rendering, next: Rendering): string[] {
  const gone = <T>(old: Map<string, T>, current: Map<string, T>) =>
    [...old].filter(([name]) => !current.has(name))
  return [
    // A verdict map holds its chains in place.
    ...gone(before.sets, next.sets)
      .filter(([, set]) => set.keyword === 'map')
      .map(deletedSet),
    ...gone(before.chains, next.chains).map(([name]) => `delete chain ${tableName} ${name}`),
    ...gone(before.sets, next.sets)
      .filter(([, set]) => set.keyword !== 'map')
      .map(deletedSet),
    ...gone(before.counters, next.counters).map(([name]) => `delete counter ${tableName} ${name}`),
  ]
}

function deletedSet([name, set]: [string, NftSet]): string {
  return `delete ${set.keyword} ${tableName} ${name}`
}
