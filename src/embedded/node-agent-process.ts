import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { LabError, messageOf } from '../errors.ts'
import type { IpFamilies } from './ip-families.ts'
import { namespaceInit, nodeAgentCommand } from './launch.ts'
import type { StateFiles } from './state.ts'

export interface NodeAgentProcessOptions {
  name: string
  nodes: number
  ipFamilies: IpFamilies
  files: StateFiles
  /** Path of the built node agent. */
  bundle: string
}

export interface NodeAgentProcess {
  readonly rootless: boolean
  /** Resolves when the node agent says that it is ready; rejects with its own words, or with how it ended. */
  readonly ready: Promise<void>
  /** Resolves with how it ended, whenever that is. */
  readonly ended: Promise<string>
  /** Rejects when it has ended, with how and what its log says last. */
  readonly failed: Promise<never>
  /** PID 1 of its PID namespace as the host sees it; null before it is forked. */
  init(): number | null
  /** Asks it to end by closing its stdin, and kills it where it has not ended after two seconds. */
  stop(): Promise<void>
}

const stopTimeoutMs = 2_000

/** Starts the node agent in its namespaces. It dies with this process, whatever way that ends. */
export function startNodeAgent({ files, ...options }: NodeAgentProcessOptions): NodeAgentProcess {
  const { argv, env, rootless } = nodeAgentCommand({ ...options, stateDirectory: files.directory })
  const log = openSync(files.nodeAgentLog, 'a', 0o600)
  // A process group of its own: Ctrl-C in the terminal is for the command line, which ends the rest in order.
  const child = spawn(argv[0]!, argv.slice(1), { env, stdio: ['pipe', 'pipe', log], detached: true })
  closeSync(log)
  child.stdin!.on('error', () => undefined)
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(messageOf(error)))
    child.on('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`))
  })
  const failed = ended.then((how): never => {
    throw failure(`the node agent ended (${how})`, lastLines(files.nodeAgentLog))
  })
  const ready = new Promise<void>((resolve, reject) => {
    onFirstLine(child.stdout!, (line) => readyLine(line, resolve, reject))
    failed.catch(reject)
  })
  ready.catch(() => undefined)
  return {
    rootless,
    ready,
    ended,
    failed,
    init: () => (child.pid ? namespaceInit(child.pid) : null),
    async stop() {
      child.stdin!.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      await ended
      clearTimeout(timer)
    },
  }
}

function onFirstLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let text = ''
  let isTaken = false
  stream.setEncoding('utf8')
  stream.on('data', (chunk) => {
    if (isTaken) return
    text += chunk
    const end = text.indexOf('\n')
    if (end < 0) return
    isTaken = true
    take(text.slice(0, end))
  })
}

function readyLine(line: string, resolve: () => void, reject: (error: unknown) => void): void {
  try {
    const said = JSON.parse(line)
    if (said.ready) resolve()
    else if (said.error?.message) reject(new LabError({ code: 'cluster-failed', ...said.error }))
    else reject(failure('the node agent failed', messageOf(said.error)))
  } catch {
    reject(failure('the node agent does not speak as expected', line))
  }
}

function failure(message: string, cause: string): LabError {
  return new LabError({ code: 'cluster-failed', message, cause, hint: 'ztlab doctor' })
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-20).join('\n')
  } catch (error) {
    return messageOf(error)
  }
}
