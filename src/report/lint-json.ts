import { type LintReport, severities } from '../policy/index.ts'

/** `kind: LintReport`. */
export function lintJson({ findings, suppressed, notes }: LintReport): string {
  const counts = severities.map((severity) => [
    severity,
    findings.filter((finding) => finding.severity === severity).length,
  ])
  const summary = { ...Object.fromEntries(counts), suppressed: suppressed.length }
  const report = { apiVersion: 'ztlab.dev/v1', kind: 'LintReport', summary, findings, suppressed, notes }
  return `${JSON.stringify(report, null, 2)}\n`
}
