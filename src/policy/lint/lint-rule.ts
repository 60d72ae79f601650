import type { Severity, Spot } from './finding.ts'
import type { LintContext } from './lint-context.ts'

/** What a rule says of itself. */
export interface RuleText {
  /** Lower case, words joined by hyphens; suppressions and documentation name it. */
  id: string
  severity: Severity
  /** What is found, as a heading. */
  title: string
  /** What happens on a cluster, and why people are surprised by it. */
  why: string
  /** What to do about it. */
  fix: string
}

/** A rule as data, with an example of either kind, which are tests and documentation. */
export interface LintRule extends RuleText {
  /** YAML documents that it finds something in, and the same put right; `cluster` belongs to both. */
  bad: string
  good: string
  cluster: string
  /** Other rules that rightly find something in the bad example. */
  alsoFinds?: readonly string[]
  check(context: LintContext): Iterable<Spot>
}
