import type { Spot } from './finding.ts'
import type { LintRule } from './lint-rule.ts'

/** What a rule has found, before it is put in order. */
export interface Found {
  rule: Pick<LintRule, 'id' | 'severity' | 'fix'>
  spot: Spot
  /** Of a comment, which is no field of the object. */
  line?: number
}
