import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Found } from './found.ts'
import type { RuleText } from './lint-rule.ts'
import { lintRules } from './rules/index.ts'

/** A comment `# ztlab-lint-ignore RULE-ID: reason` and the object it stands at. */
export interface Suppression {
  object: KubernetesObject
  /** '' where none is named. */
  rule: string
  /** '' where none is given; then it silences nothing. */
  reason: string
  /** Where the comment stands, from 1. */
  line: number
}

/** A comment, by the line it stands in (from 1). */
export interface SuppressionComment {
  line: number
  rule: string
  reason: string
}

const comment = /^\s*(?:[^#'"]*\s)?#\s*ztlab-lint-ignore\b[ \t]*([^\s:]*)[ \t]*:?[ \t]*(.*?)\s*$/

/** The suppressions in a YAML text. */
export function readSuppressions(text: string): SuppressionComment[] {
  return text.split('\n').flatMap((source, index) => {
    const [, rule, reason] = comment.exec(source) ?? []
    return rule === undefined ? [] : [{ line: index + 1, rule, reason: reason! }]
  })
}

/**
 * The object of each comment: the one that begins below it, where nothing but comments and document marks are
 * between, else the one that it stands in.
 */
export function assignSuppressions(
  text: string,
  objects: { object: KubernetesObject; line: number }[],
): Suppression[] {
  const lines = text.split('\n')
  const sorted = [...objects].sort((a, b) => a.line - b.line)
  return readSuppressions(text).flatMap(({ line, rule, reason }) => {
    const next = lines.findIndex((source, index) => index >= line - 1 && !isBetween(source)) + 1
    const below = next > 0 ? sorted.find((one) => one.line === next) : undefined
    const object = (below ?? sorted.findLast((one) => one.line <= line) ?? sorted[0])?.object
    return object ? [{ object, rule, reason, line }] : []
  })
}

/** Takes out what is silenced, and finds fault with suppressions themselves. */
export function suppress(
  found: Found[],
  suppressions: Suppression[],
): { found: Found[]; suppressed: { found: Found; reason: string }[] } {
  const kept: Found[] = []
  const suppressed: { found: Found; reason: string }[] = []
  const used = new Set<Suppression>()
  for (const one of found) {
    const match = suppressions.find(
      ({ object, rule, reason }) => object === one.spot.object && rule === one.rule.id && reason !== '',
    )
    if (!match) kept.push(one)
    else {
      used.add(match)
      suppressed.push({ found: one, reason: match.reason })
    }
  }
  const faults = suppressions.flatMap((one) => faultOf(one, used.has(one)) ?? [])
  return { found: [...kept, ...faults], suppressed }
}

/** Rules about suppressions, which look at comments and not at objects. They cannot be suppressed. */
export const suppressionRules: Record<'reason' | 'unknown' | 'unused', RuleText> = {
  reason: {
    id: 'suppression-without-reason',
    severity: 'error',
    title: 'A suppression without a reason',
    why: 'Without a reason nobody can tell later whether it still holds. It silences nothing until it has one.',
    fix: 'write "# ztlab-lint-ignore RULE-ID: why it does not apply here"',
  },
  unknown: {
    id: 'suppression-of-unknown-rule',
    severity: 'error',
    title: 'A suppression of a rule that does not exist',
    why: 'A misspelt id silences nothing, and looks as if something had been decided.',
    fix: 'name a rule by its id, as the finding shows it',
  },
  unused: {
    id: 'suppression-unused',
    severity: 'info',
    title: 'A suppression that silences nothing',
    why: 'What it was for is gone. Left in place, it would silence the next finding of its rule unseen.',
    fix: 'remove the comment',
  },
}

function faultOf({ object, rule, reason, line }: Suppression, used: boolean): Found | null {
  const fault = (which: keyof typeof suppressionRules, message: string): Found => ({
    rule: suppressionRules[which],
    spot: { object, path: [], message },
    line,
  })
  if (!lintRules.some(({ id }) => id === rule))
    return fault('unknown', rule ? `no rule is called ${rule}` : 'a suppression names no rule')
  if (reason === '') return fault('reason', `the suppression of ${rule} gives no reason and is ignored`)
  return used ? null : fault('unused', `the suppression of ${rule} silences nothing`)
}

/** A blank line, a comment, a document mark, or the dash of a list item. */
function isBetween(source: string): boolean {
  return /^\s*(#.*)?$/.test(source) || /^---/.test(source)
}
