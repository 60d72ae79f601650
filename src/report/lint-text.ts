import { type Finding, type LintReport, pathText, severities } from '../policy/index.ts'
import { printable } from '../printable.ts'
import { count } from './cell-words.ts'
import type { TextStyle } from './text-style.ts'

/** For people: place, severity and rule in one line, what and what to do about it below. */
export function lintText({ findings, suppressed, notes }: LintReport, style: TextStyle): string {
  const parts = [
    ...findings.map((finding) => findingText(finding, style)),
    ...(notes.length > 0 ? [notes.map((note) => style.dim(`note: ${note}`)).join('\n')] : []),
    summary(findings, suppressed.length),
  ]
  return `${parts.join('\n\n')}\n`
}

function findingText({ severity, rule, message, fix, path, ...finding }: Finding, style: TextStyle): string {
  const { kind, namespace, name } = finding.object
  const object = `${kind} ${namespace ? `${namespace}/` : ''}${name}`
  const place = finding.file === undefined ? '' : `${finding.file}:${finding.line}:${finding.col} `
  const painted = severity === 'error' ? style.bad(severity) : style.bold(severity)
  const where = path.length > 0 ? ` ${pathText(path)}` : ''
  return [
    `${style.bold(printable(place))}${painted} ${rule}`,
    `  ${style.dim(printable(`${object}${where}`))}`,
    `  ${printable(message)}`,
    `  fix: ${printable(fix)}`,
  ].join('\n')
}

function summary(findings: Finding[], suppressed: number): string {
  if (findings.length + suppressed === 0) return 'nothing found'
  const counts = severities.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length
    return number === 0 ? [] : [severity === 'info' ? `${number} info` : count(number, severity)]
  })
  if (suppressed > 0) counts.push(`${suppressed} suppressed`)
  return counts.join(', ')
}
