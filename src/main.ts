#!/usr/bin/env node
import { renderError, runCli } from './cli/index.ts'
import { exitCodes, LabError, messageOf } from './errors.ts'

const interrupted = new AbortController()
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const interrupt = () => {
  // The first asks to clean up, which is awaited below; the second does not wait for it.
  if (interrupted.signal.aborted) process.exit(exitCodes.interrupted)
  interrupted.abort()
}
for (const signal of signals) process.on(signal, interrupt)
// Whoever no longer reads what is said on the way shall not end a command that holds something.
process.stderr.on('error', () => {})
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that closes early (`ztlab … | head`) is no error of ours.
  if (error.code === 'EPIPE' || process.exitCode === exitCodes.environment) return
  process.exitCode = exitCodes.environment
  process.stderr.write(`${renderError(resultLost(error), { verbose: false })}\n`)
})

const exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  signal: interrupted.signal,
  letGo() {
    for (const signal of signals) process.off(signal, interrupt)
  },
})
process.exitCode ??= exitCode

function resultLost(error: unknown): LabError {
  return new LabError({
    code: 'command-failed',
    message: 'the result cannot be written to stdout, so it is not whole',
    cause: messageOf(error),
    hint: 'df -h .',
  })
}
