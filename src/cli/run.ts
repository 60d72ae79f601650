import { exitCodes, LabError } from '../errors.ts'
import { commands } from './commands/index.ts'
import { createOutput, type OutputStreams } from './output.ts'
import { parse } from './program.ts'
import { exitCodeOf, renderError } from './render-error.ts'
import { createProgress } from './status.ts'
import { version } from './version.ts'

export interface Terminal {
  stdout: OutputStreams['stdout']
  stderr: OutputStreams['stderr']
  stdin: NodeJS.ReadableStream
  /** Aborted by the first Ctrl-C. */
  signal: AbortSignal
  /** From now on Ctrl-C ends the process at once, also while it computes: there is nothing to clean up. */
  letGo(): void
}

/** Runs one command line and returns its exit code; whatever is thrown is rendered here and nowhere else. */
export async function runCli(argv: string[], terminal: Terminal): Promise<number> {
  const verbose = argv.includes('-v') || argv.includes('--verbose')
  const quiet = argv.includes('-q') || argv.includes('--quiet')
  const output = createOutput({ ...terminal, verbose, quiet })
  try {
    requireFolder()
    const { command, args, options, help } = parse(argv, commands, version())
    if (!command) {
      output.result(help)
      return exitCodes.asExpected
    }
    if (command.holdsNothing) terminal.letGo()
    const handler = await command.load()
    const code = await handler({
      args,
      options,
      output,
      stdin: terminal.stdin,
      progress: createProgress(output),
      signal: terminal.signal,
    })
    return terminal.signal.aborted ? exitCodes.interrupted : code
  } catch (error) {
    if (terminal.signal.aborted) {
      output.error('interrupted; everything this run made is gone')
      return exitCodes.interrupted
    }
    output.error(renderError(error, { verbose }))
    return exitCodeOf(error)
  }
}

/** Paths are meant from where the command is typed: that has to be there. */
function requireFolder(): void {
  try {
    process.cwd()
  } catch (cause) {
    const message = 'the folder that this was typed in is there no more'
    throw new LabError({ code: 'not-found', message, cause, hint: 'cd' })
  }
}
