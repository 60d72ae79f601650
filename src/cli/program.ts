import { Command, CommanderError, Option } from 'commander'
import { LabError } from '../errors.ts'
import type { CommandSpec } from './command.ts'
import { type OptionSpec, type OptionValues, optionSpecs } from './options.ts'

/** A command line, understood. `command` is null where help was asked for, whose text is `help`. */
export interface Parsed {
  command: CommandSpec | null
  args: string[]
  options: OptionValues
  help: string
}

/** Reads a command line by the table of commands. Throws `bad-input` with the command's own help as the next step. */
export function parse(argv: string[], commands: readonly CommandSpec[], version: string): Parsed {
  const parsed: Parsed = {
    command: null,
    args: [],
    options: { cluster: 'embedded', output: 'text' },
    help: '',
  }
  const root = silent(new Command('ztlab'), parsed).version(version).description(description)
  for (const spec of commands) {
    const [path, args] = splitUsage(spec.usage)
    const command = leaf(root, path, parsed)
    command.summary(spec.summary).description(spec.summary)
    for (const argument of args) command.argument(argument)
    for (const key of [...spec.options, 'quiet', 'verbose'] as const)
      command.addOption(option(optionSpecs[key]))
    command.action((..._values) => {
      parsed.command = spec
      parsed.args = command.args
      parsed.options = command.opts<OptionValues>()
    })
  }
  // A noun does what its verbs do.
  for (const noun of root.commands)
    if (noun.commands.length > 0) noun.summary(noun.commands.map((verb) => verb.name()).join(', '))
  try {
    root.parse(withRun(argv, commands), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return parsed
    throw badUsage(error, parsed, { words: knownWords(argv, commands), commands })
  }
  return parsed
}

const description = 'Kubernetes networking and zero-trust labs with real packets'

/** `ztlab lab ID` means `ztlab lab run ID`. */
export function withRun(argv: string[], commands: readonly CommandSpec[]): string[] {
  const [noun, next] = argv
  if (noun !== 'lab' || next === undefined || ['-h', '--help', 'help'].includes(next)) return argv
  const verbs = commands.map(({ usage }) => usage.split(' ')).filter(([first]) => first === 'lab')
  return verbs.some(([, verb]) => verb === next) ? argv : ['lab', 'run', ...argv.slice(1)]
}

/** Words and arguments of `lab run <lab>`. */
function splitUsage(usage: string): [path: string[], args: string[]] {
  const words = usage.split(' ')
  const isArgument = (word: string) => /^[<[]/.test(word)
  return [words.filter((word) => !isArgument(word)), words.filter(isArgument)]
}

function leaf(root: Command, path: string[], parsed: Parsed): Command {
  return path.reduce((parent, word) => {
    const existing = parent.commands.find((command) => command.name() === word)
    return existing ?? silent(parent.command(word), parsed)
  }, root)
}

/** commander prints and exits by itself; here it does neither. */
function silent(command: Command, parsed: Parsed): Command {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (text) => {
        parsed.help += text
      },
      writeErr: (text) => {
        parsed.help += text
      },
      outputError: () => {},
    })
}

function option(spec: OptionSpec): Option {
  const made = new Option(spec.flags, spec.description)
  if (spec.env) made.env(spec.env)
  if (spec.default !== undefined) made.default(spec.default)
  if (spec.choices) made.choices([...spec.choices])
  if (spec.repeatable) made.argParser((value: string, before: string[] = []) => [...before, value])
  return made
}

/** The words of a command line that name a command or the beginning of one. */
function knownWords(argv: string[], commands: readonly CommandSpec[]): string[] {
  const paths = commands.map(({ usage }) => splitUsage(usage)[0].join(' '))
  const begins = (words: string[]) => paths.some((path) => `${path} `.startsWith(`${words.join(' ')} `))
  const longest = [2, 1].find((count) => argv.length >= count && begins(argv.slice(0, count)))
  return argv.slice(0, longest ?? 0)
}

function badUsage(
  error: CommanderError,
  parsed: Parsed,
  { words, commands }: { words: string[]; commands: readonly CommandSpec[] },
): LabError {
  const typed = ['ztlab', ...words].join(' ')
  // A noun without its verb makes commander print that noun's help as an error.
  const message = error.code === 'commander.help' ? `what shall \`${typed}\` do?` : error.message
  const spec = commands.find(({ usage }) => splitUsage(usage)[0].join(' ') === words.join(' '))
  const isFile = error.code === 'commander.excessArguments' && spec?.options.includes('filename')
  return new LabError({
    code: 'bad-input',
    message: message.replace(/^error: /, ''),
    cause: isFile ? 'files and folders are given with -f' : undefined,
    problems: error.code === 'commander.help' ? parsed.help.trim().split('\n') : [],
    hint: isFile ? `${typed} -f FILE or FOLDER` : `${typed} --help`,
  })
}
