import type { DirectionVerdict } from '../evaluate/index.ts'
import type { Direction } from '../rules.ts'
import type { Path } from './finding.ts'
import type { LintContext, LintedPolicy } from './lint-context.ts'

/** Verdicts grouped by the policy and rule that decided them, so that one cause is one finding. */
export function byDecider<Item>(
  context: LintContext,
  items: Item[],
  verdictOf: (item: Item) => DirectionVerdict,
  direction: Direction,
): { linted: LintedPolicy; path: Path; group: [Item, ...Item[]] }[] {
  const groups = new Map<string, { linted: LintedPolicy; path: Path; group: [Item, ...Item[]] }>()
  for (const item of items) {
    const { decidedBy } = verdictOf(item)
    const linted = context.linted(decidedBy)
    if (!linted) continue
    const path: Path = decidedBy.rule === null ? ['spec'] : ['spec', direction, decidedBy.rule]
    const key = `${linted.policy!.id} ${decidedBy.rule}`
    const known = groups.get(key)
    if (known) known.group.push(item)
    else groups.set(key, { linted, path, group: [item] })
  }
  return [...groups.values()]
}
