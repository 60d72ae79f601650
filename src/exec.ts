import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { StringDecoder } from 'node:string_decoder'
import { $ } from 'zx'
import { pasteable, searchPath } from './command-line.ts'
import { LabError } from './errors.ts'

export { pasteable, searchPath }

/** How a command ended. A command that was killed by a signal has `code` null. */
export interface ExecResult {
  argv: string[]
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
  durationMs: number
}

export interface ExecOptions {
  /** Written to the command's standard input, which is then closed. */
  stdin?: string | Buffer
  /** The command is killed after this time. Default 30,000. */
  timeoutMs?: number
  signal?: AbortSignal
  /** Told what it prints, as it comes; the result has all of it too. */
  onStdout?: (text: string) => void
  cwd?: string
  env?: Record<string, string | undefined>
  /** Resolve with whatever exit code came instead of throwing. Default false. */
  allowFailure?: boolean
}

/** A function of `run`'s shape: what code takes as a parameter where a test wants to hand in another. */
export type Run = (argv: string[], options?: ExecOptions) => Promise<ExecResult>

/**
 * The one door to commands: runs `argv` without a shell.
 * Throws `missing-package` if the program does not exist, `timeout`, or `command-failed` with a line that can
 * be pasted into a shell and the last lines that the command printed.
 */
export async function run(argv: string[], options: ExecOptions = {}): Promise<ExecResult> {
  const started = performance.now()
  const timeoutMs = options.timeoutMs ?? 30_000
  const output = await $({
    input: options.stdin ?? '',
    cwd: options.cwd,
    env: { ...process.env, PATH: searchPath(process.env), ...options.env } as NodeJS.ProcessEnv,
    // zx keeps the output; the program is started as it is, with no shell between. The clock and the kill are Node's:
    // zx looks for children with `ps`, which a minimal Debian lacks.
    shell: true,
    prefix: '',
    postfix: '',
    quote: (word) => word,
    spawn: ((_line: string, _words: string[], spawnOptions: object) =>
      listened(start(argv, { ...spawnOptions, signal: options.signal }, timeoutMs), options)) as typeof spawn,
    nothrow: true,
    quiet: true,
    verbose: false,
  })`${argv}`
  const durationMs = performance.now() - started
  const result: ExecResult = {
    argv,
    code: output.exitCode,
    signal: output.signal,
    stdout: output.stdout,
    stderr: output.stderr,
    durationMs,
  }
  if (options.allowFailure && !isMissing(output.cause)) return result
  if (output.exitCode === 0) return result
  throw failure(result, output.cause, timeoutMs)
}

/** Gives the terminal to a program until it ends, for a shell; returns its exit code. */
export function attach(argv: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: searchPath(process.env) }
    const child = spawn(argv[0]!, argv.slice(1), { stdio: 'inherit', env })
    child.once('error', (error) => reject(isMissing(error) ? missing(argv) : error))
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal!] ?? 0)))
  })
}

function start(argv: string[], options: SpawnOptions, timeoutMs: number): ChildProcess {
  const child = spawn(argv[0]!, argv.slice(1), {
    ...options,
    shell: false,
    detached: false,
    killSignal: 'SIGKILL',
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  child.once('exit', () => clearTimeout(timer)).once('error', () => clearTimeout(timer))
  // What a killed command started may live on and hold its pipes: nobody waits for that.
  child.once('exit', (_code, signal) => {
    if (signal !== 'SIGKILL') return
    child.stdin?.destroy()
    child.stdout?.destroy()
    child.stderr?.destroy()
  })
  return child
}

function listened(child: ChildProcess, { onStdout }: ExecOptions): ChildProcess {
  const decoder = new StringDecoder('utf8')
  if (onStdout) child.stdout?.on('data', (chunk: Buffer) => onStdout(decoder.write(chunk)))
  return child
}

function failure(result: ExecResult, cause: unknown, timeoutMs: number): LabError {
  const line = pasteable(result.argv)
  if (isMissing(cause)) return missing(result.argv)
  if (result.signal === 'SIGKILL' && result.durationMs >= timeoutMs) {
    return new LabError({ code: 'timeout', message: `no answer within ${timeoutMs} ms: ${line}`, hint: line })
  }
  const said = (result.stderr || result.stdout).trim().split('\n').slice(-20).join('\n')
  const how = result.signal ? `was killed by ${result.signal}` : `failed with exit code ${result.code}`
  return new LabError({ code: 'command-failed', message: `command ${how}: ${line}`, cause: said, hint: line })
}

function missing(argv: string[]): LabError {
  return new LabError({
    code: 'missing-package',
    message: `${argv[0]} is not installed`,
    hint: 'ztlab doctor',
  })
}

function isMissing(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT'
}
