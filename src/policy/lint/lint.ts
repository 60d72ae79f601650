import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type Finding, type Path, type Spot, severities } from './finding.ts'
import { LintContext } from './lint-context.ts'
import type { LintRule } from './lint-rule.ts'
import { lintRules } from './rules/index.ts'
import { type Suppression, suppress } from './suppression.ts'

export interface LintOptions {
  /** Where a field of an object stands, for the findings. */
  locate?(object: KubernetesObject, path: Path): { file: string; line: number; col: number } | undefined
  /** Comments that say of an object that a rule need not look at it. */
  suppressions?: Suppression[]
  /** Default: all of them. */
  rules?: readonly LintRule[]
}

export interface LintReport {
  /** By file and line, or in the order of the objects; the gravest first within an object. */
  findings: Finding[]
  /** What a suppression with a reason silenced. */
  suppressed: { finding: Finding; reason: string }[]
}

/** Everything the rules find in these objects, which are taken as they were written, without defaults. */
export function lint(objects: KubernetesObject[], options: LintOptions = {}): LintReport {
  const { rules = lintRules, suppressions = [], locate } = options
  const context = new LintContext(objects)
  const found = rules.flatMap((rule) => [...rule.check(context)].map((spot) => ({ rule, spot })))
  const kept = suppress(found, suppressions)
  const finish = ({ rule, spot }: Found): Finding => ({
    ...findingOf(rule, spot),
    ...locate?.(spot.object, spot.path),
  })
  const order = new Map(objects.map((object, index) => [object, index]))
  const arranged = [...kept.found].sort((a, b) => compareFound(a, b, order))
  return {
    findings: arranged.map(finish).sort(byPlace),
    suppressed: kept.suppressed.map(({ found, reason }) => ({ finding: finish(found), reason })),
  }
}

export interface Found {
  rule: Pick<LintRule, 'id' | 'severity' | 'fix'>
  spot: Spot
}

function findingOf({ id, severity, fix }: Found['rule'], spot: Spot): Finding {
  const { apiVersion, kind, metadata } = spot.object
  return {
    rule: id,
    severity,
    message: spot.message,
    object: { apiVersion, kind, namespace: metadata?.namespace ?? null, name: metadata?.name ?? '' },
    path: spot.path,
    fix: spot.fix ?? fix,
  }
}

function compareFound(a: Found, b: Found, order: Map<KubernetesObject, number>): number {
  const place = (order.get(a.spot.object) ?? 0) - (order.get(b.spot.object) ?? 0)
  if (place !== 0) return place
  return severities.indexOf(a.rule.severity) - severities.indexOf(b.rule.severity)
}

/** Findings without a place stay as they are; the sort is stable. */
function byPlace(a: Finding, b: Finding): number {
  if (a.file === undefined || b.file === undefined) return 0
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line! - b.line! || a.col! - b.col!
}
