import type { KubernetesObject } from '../../kubernetes-object.ts'
import { coverageSkipped } from './coverage.ts'
import { type Finding, type Path, type Spot, severities } from './finding.ts'
import type { Found } from './found.ts'
import { LintContext } from './lint-context.ts'
import type { LintRule } from './lint-rule.ts'
import { lintRules } from './rules/index.ts'
import { type Suppression, suppress } from './suppression.ts'

interface Place {
  file: string
  line: number
  col: number
}

export interface LintOptions {
  /** Where a field of an object stands, for the findings. */
  locate?(object: KubernetesObject, path: Path): Place | undefined
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
  /** What could not be looked for, and what had to be assumed; a sentence each. */
  notes: string[]
}

/** Everything the rules find in these objects, which are taken as they were written, without defaults. */
export function lint(objects: KubernetesObject[], options: LintOptions = {}): LintReport {
  const { rules = lintRules, suppressions = [], locate } = options
  const context = new LintContext(objects)
  const found = rules.flatMap((rule) => [...rule.check(context)].map((spot) => ({ rule, spot })))
  const kept = suppress(found, suppressions)
  const finish = ({ rule, spot, line }: Found): Finding => ({
    ...findingOf(rule, spot),
    ...atLine(locate?.(spot.object, spot.path), line),
  })
  const order = new Map(objects.map((object, index) => [object, index]))
  const arranged = [...kept.found].sort((a, b) => compareFound(a, b, order))
  return {
    findings: arranged.map(finish).sort(byPlace),
    notes: notesOf(context),
    suppressed: kept.suppressed.map(({ found, reason }) => ({ finding: finish(found), reason })),
  }
}

function notesOf(context: LintContext): string[] {
  const skipped = coverageSkipped(context)
  return [
    ...(context.knowsPods
      ? []
      : ['no pods and no workloads are given: nothing is said about who is selected']),
    ...(context.dnsPods.some(({ id }) => context.cluster.assumedPods.has(id))
      ? ['no DNS pod is given: one with k8s-app=kube-dns in kube-system is assumed']
      : []),
    ...(skipped ? [skipped] : []),
  ]
}

function atLine(place: Place | undefined, line: number | undefined): Place | undefined {
  return place && line !== undefined ? { ...place, line, col: 1 } : place
}

function findingOf({ id, severity, fix }: Found['rule'], spot: Spot): Finding {
  const { apiVersion, kind, metadata } = spot.object
  return {
    rule: id,
    severity,
    message: spot.message,
    object: { apiVersion, kind, namespace: metadata.namespace ?? null, name: metadata.name ?? '' },
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
