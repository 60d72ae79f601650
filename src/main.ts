#!/usr/bin/env node
import { runCli } from './cli/index.ts'
import { exitCodes } from './errors.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The first asks to clean up, which is awaited below; the second does not wait for it.
    if (interrupted.signal.aborted) process.exit(exitCodes.interrupted)
    interrupted.abort()
  })
}
// A reader that closes early (`ztlab … | head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  signal: interrupted.signal,
})
