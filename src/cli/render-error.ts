import { type ErrorCode, exitCodes, isLabError, type LabError, messageOf } from '../errors.ts'

/** What to type next where a throw site knows nothing better. */
export const defaultHints: Record<ErrorCode, string> = {
  'bad-input': 'ztlab --help',
  'not-found': 'ztlab lab list',
  'missing-package': 'ztlab doctor',
  'missing-permission': 'ztlab doctor',
  'cluster-failed': 'ztlab doctor',
  'cluster-unreachable': 'ztlab cluster list',
  'enforces-nothing': 'ztlab doctor --cluster kind',
  'command-failed': 'run it again with --verbose',
  timeout: 'run it again with --verbose',
  unsupported: 'ztlab doctor',
  interrupted: 'run it again',
}

/** The exit code for anything that was thrown: a bug of ours counts as a failed environment. */
export function exitCodeOf(error: unknown): number {
  return isLabError(error) ? error.exitCode : exitCodes.environment
}

/**
 * `ERROR [code] what`, the problems, `why: …`, `next: …`. An unknown error is a bug and always shows its stack,
 * a known one only with `--verbose`.
 */
export function renderError(error: unknown, { verbose }: { verbose: boolean }): string {
  if (!isLabError(error)) {
    const stack = typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : ''
    return [`ERROR [bug] ${messageOf(error)}`, stack, 'next: please report this with the command you ran']
      .filter(Boolean)
      .join('\n')
  }
  const lines = [
    `ERROR [${error.code}] ${error.message}`,
    ...error.problems.map((problem) => `  ${problem}`),
    ...causes(error).map((cause) => `why: ${indented(cause)}`),
    `next: ${error.hint ?? defaultHints[error.code]}`,
  ]
  if (verbose && error.stack) lines.push(error.stack)
  return lines.join('\n')
}

/** The chain of causes, each said once. */
function causes(error: LabError): string[] {
  const said: string[] = []
  for (let cause = error.cause; cause !== undefined && cause !== null; cause = causeOf(cause)) {
    const text = messageOf(cause)
    if (text && !said.includes(text)) said.push(text)
  }
  return said
}

function causeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'cause' in value ? value.cause : undefined
}

function indented(text: string): string {
  return text.split('\n').join('\n     ')
}
