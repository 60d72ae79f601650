import { type LintReport, severities } from '../policy/index.ts'
import { jsonDocument } from './json-document.ts'

/** `kind: LintReport`. */
export function lintJson({ findings, suppressed, notes }: LintReport): string {
  const counts = severities.map((severity) => [
    severity,
    findings.filter((finding) => finding.severity === severity).length,
  ])
  const summary = { ...Object.fromEntries(counts), suppressed: suppressed.length }
  return jsonDocument('LintReport', { summary, findings, suppressed, notes })
}
