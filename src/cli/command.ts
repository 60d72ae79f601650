import type { Progress } from '../cluster/index.ts'
import type { OptionKey, OptionValues } from './options.ts'
import type { Output } from './output.ts'

/** A command as data; its code is loaded when it runs, so that `--help` costs nothing. */
export interface CommandSpec {
  /** `lab run <lab>`: words, then arguments as commander writes them. */
  usage: string
  summary: string
  options: readonly OptionKey[]
  /** It only reads and computes. */
  holdsNothing?: true
  load(): Promise<CommandHandler>
}

/** Flags → one call of a use case → the exit code. */
export type CommandHandler = (context: CommandContext) => Promise<number>

export interface CommandContext {
  args: string[]
  options: OptionValues
  output: Output
  progress: Progress
  stdin: NodeJS.ReadableStream
  /** Aborted by the first Ctrl-C; whoever holds something then cleans up. */
  signal: AbortSignal
}
