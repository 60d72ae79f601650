import type { Writable } from 'node:stream'
import type { ExecClient } from './exec-client.ts'
import type { StreamedProcess } from './streamed-process.ts'

/** Carries a process's streams to a client and back until it has ended or the client has gone. */
export async function serveProcess(client: ExecClient, process: StreamedProcess): Promise<void> {
  process.say(client.stdout, client.stderr)
  if (client.stdin) process.hear(client.stdin)
  client.sizes.listen((size) => process.resize(size))
  const exitCode = await Promise.race([client.gone, process.ended])
  process.release()
  // What it still types, nobody hears.
  client.stdin?.resume()
  if (exitCode === undefined) return
  const refusal = process.refusal(exitCode)
  const status = refusal
    ? execFailure(`error executing command in container: ${refusal}`)
    : exitStatus(exitCode)
  await Promise.all([ended(client.stdout), ended(client.stderr)])
  client.finish(status)
}

/** What tells a client why its command could not be run, in the way it reads exit codes. */
export function execFailure(message: string): object {
  const text = `Internal error occurred: ${message}`
  return { metadata: {}, status: 'Failure', reason: 'InternalError', message: text, code: 500 }
}

export function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  }
}

/** Resolves once it has taken everything, or takes nothing any more. */
function ended(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve).end(resolve)
  })
}
