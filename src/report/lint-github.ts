import type { Finding, LintReport } from '../policy/index.ts'
import { printable } from '../printable.ts'

const commands = { error: 'error', warning: 'warning', info: 'notice' } as const

/** Workflow commands of GitHub Actions, a line each: they appear at the lines of a pull request. */
export function lintGithub({ findings, notes }: LintReport): string {
  const lines = [...findings.map(annotation), ...notes.map((note) => `::notice::${data(note)}`)]
  return lines.map((line) => `${line}\n`).join('')
}

function annotation({ severity, rule, message, fix, file, line, col }: Finding): string {
  const place = file === undefined ? [] : [`file=${property(file)}`, `line=${line}`, `col=${col}`]
  const properties = [...place, `title=${property(rule)}`].join(',')
  return `::${commands[severity]} ${properties}::${data(`${message}\nfix: ${fix}`)}`
}

/** GitHub takes `%0A` for a new line, and `%25` for the sign itself. */
function data(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
