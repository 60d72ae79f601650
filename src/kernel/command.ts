import { spawn } from 'node:child_process'
import { pasteable } from '../command-line.ts'
import { LabError } from '../errors.ts'
import type { Ended, Spawner, SpawnOptions } from './spawner.ts'

/** What is left out is the caller's own. */
export type CommandOptions = SpawnOptions

let spawner: Spawner | null = null

/** From now on `command` starts programs by way of a spawner. */
export function useSpawner(used: Spawner): void {
  spawner = used
}

/**
 * Starts one program and resolves with its standard output: the short way for the node agent's hot paths.
 * Throws `command-failed` with what the program said.
 */
export async function command(argv: string[], options: CommandOptions = {}): Promise<string> {
  const words = options.netns ? ['nsenter', `--net=${options.netns}`, '--', ...argv] : argv
  const { code, stdout, stderr } = await (spawner?.run(argv, options) ?? ended(words, options))
  if (code === 0) return stdout
  throw new LabError({
    code: 'command-failed',
    message: `command failed with exit code ${code}: ${pasteable(words)}`,
    cause: (stderr || stdout).trim(),
    hint: pasteable(words),
  })
}

function ended(words: string[], { stdin, cwd }: CommandOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(words[0]!, words.slice(1), {
      cwd,
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', (cause) =>
      reject(
        new LabError({
          code: 'missing-package',
          message: `cannot start ${words[0]}`,
          cause,
          hint: 'ztlab doctor',
        }),
      ),
    )
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    // A program that ends before it has read everything closes the pipe; its exit code tells the story.
    child.stdin?.on('error', () => {})
    child.stdin?.end(stdin)
  })
}
