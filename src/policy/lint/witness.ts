import { compileSelector, type Selector } from '../selector.ts'

type Requirement = Map<string, string | null>

/** Most ways in which a selector is tried; selectors of more alternatives are rare and long. */
const mostWays = 32

/**
 * Sets of labels that fulfil a selector and hold no label that it does not speak of: for each of its alternatives the
 * least of them. What matches all of these matches whatever the selector matches, unless it asks for a label's absence.
 */
export function witnesses(selector: Selector): Map<string, string>[] {
  const selects = compileSelector(selector)
  return ways(selector, true)
    .map((way) => new Map([...way].filter((entry): entry is [string, string] => entry[1] !== null)))
    .filter((labels) => selects(labels))
}

/** Whether nothing can fulfil a selector: every alternative asks for two values of one label, or for one of none. */
export function isImpossible(selector: Selector): boolean {
  const all = ways(selector, true)
  return all.length < mostWays && witnesses(selector).length === 0
}

/** Each way in which the selector is true (or false): labels with their values, null for one that must be missing. */
function ways(selector: Selector, wanted: boolean): Requirement[] {
  switch (selector.op) {
    case 'all':
    case 'global':
      return wanted ? [new Map()] : []
    case 'not':
      return ways(selector.operand, !wanted)
    case 'and':
    case 'or':
      return (selector.op === 'and') === wanted
        ? selector.operands.map((operand) => ways(operand, wanted)).reduce(combine, [new Map()])
        : selector.operands.flatMap((operand) => ways(operand, wanted)).slice(0, mostWays)
    default:
      return waysOfTerm(selector, wanted)
  }
}

type Term = Exclude<Selector, { op: 'all' | 'global' | 'not' | 'and' | 'or' }>

function waysOfTerm(term: Term, wanted: boolean): Requirement[] {
  const positive = (term.op !== '!=' && term.op !== 'not in') === wanted
  if (!positive) return [new Map([[term.label, null]]), new Map([[term.label, 'another']])]
  if (term.op === 'has') return [new Map([[term.label, 'any']])]
  const values = 'values' in term ? term.values : [term.value]
  return values.slice(0, mostWays).map((value) => new Map([[term.label, value]]))
}

/** Both at once, where they do not ask for different values of a label. */
function combine(left: Requirement[], right: Requirement[]): Requirement[] {
  const both = left.flatMap((one) => right.flatMap((other) => merge(one, other) ?? []))
  return both.slice(0, mostWays)
}

function merge(one: Requirement, other: Requirement): Requirement | null {
  const merged = new Map(one)
  for (const [label, value] of other) {
    const known = merged.get(label)
    // "Any" and "another" yield to a value that is asked for; whether it suits is checked on the whole.
    if (known === undefined || known === 'any' || known === 'another') merged.set(label, value)
    else if (value !== known && value !== 'any' && value !== 'another') return null
  }
  return merged
}
