import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { searchPath } from '../../command-line.ts'
import { stateFiles } from '../../embedded/state.ts'
import { type ErrorCode, errorCodes, LabError } from '../../errors.ts'
import type { ClusterSpec } from '../cluster.ts'

/** The control plane gives up before, and knows what is missing; usually all of it takes a second. */
const readyTimeoutMs = 180_000

/** A control plane that we started. */
export interface ControlPlaneProcess {
  /** Resolves once the whole cluster is ready, with the timings that the control plane measured. */
  ready: Promise<string>
  /** Ends it and resolves once it has ended. */
  end(): Promise<void>
}

/**
 * Starts a control plane. Unless detached, its standard input is held open here, so that it ends when this process
 * ends in whatever way.
 */
export function startControlPlane(
  { bundle, spec, directory }: { bundle: string; spec: ClusterSpec; directory: string },
  signal?: AbortSignal,
): ControlPlaneProcess {
  const child = start(bundle, spec, directory)
  return { ready: ready(child, directory, signal), end: () => end(child) }
}

/** In a process group of its own, so that Ctrl-C at the terminal reaches it only through us. */
function start(bundle: string, spec: ClusterSpec, directory: string): ChildProcess {
  const log = openSync(stateFiles(directory).controlPlaneLog, 'a', 0o600)
  const argv = [
    '--enable-source-maps',
    bundle,
    '--name',
    spec.name,
    '--state',
    directory,
    '--nodes',
    String(spec.nodes),
    '--ip-family',
    spec.ipFamily ?? 'ipv4',
  ]
  const child = spawn(process.execPath, [...argv, ...(spec.detached ? ['--detached'] : [])], {
    detached: true,
    stdio: [spec.detached ? 'ignore' : 'pipe', 'pipe', log],
    env: {
      ...process.env,
      PATH: searchPath(process.env),
      ZTLAB_CLUSTER_NAME: spec.name,
      ZTLAB_CLUSTER_STATE: directory,
    },
  })
  closeSync(log)
  // It may end while it is being told to.
  child.stdin?.on('error', () => {})
  return child
}

interface ReadyLine {
  ready: boolean
  timings?: Record<string, number>
  error?: { code: ErrorCode; message: string; cause?: string; hint?: string }
}

/** Resolves with the timings once the control plane says that the whole cluster is ready. */
async function ready(child: ChildProcess, directory: string, signal?: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = withResolvers<string>()
  const fail = (message: string, cause?: string) =>
    reject(
      new LabError({
        code: 'cluster-failed',
        message,
        cause: cause ?? 'its log has the reason',
        hint: 'ztlab doctor',
      }),
    )
  const timer = setTimeout(() => fail(`the cluster is not ready after ${readyTimeoutMs} ms`), readyTimeoutMs)
  const onAbort = () =>
    reject(new LabError({ code: 'interrupted', message: 'interrupted', hint: 'run it again' }))
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  child.once('error', (error) => fail('the control plane cannot be started', error.message))
  // Not `exit`, which may come before the last line has been read.
  child.once('close', (code, killedBy) =>
    fail(`the control plane ended with ${killedBy ?? `exit code ${code}`}`, lastLines(directory)),
  )
  const lines = createInterface(child.stdout!)
  lines.once('line', (line) => {
    const said = parse(line)
    if (said?.ready) resolve(describe(said.timings ?? {}))
    else if (said?.error) reject(fromControlPlane(said.error))
    else fail('the control plane said something else than that it is ready', line.slice(0, 500))
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    lines.close()
    child.removeAllListeners('close')
    // What it holds must not keep this process alive, nor break its writes.
    child.stdout!.resume()
    ;(child.stdout as unknown as { unref(): void }).unref()
    ;(child.stdin as unknown as { unref(): void } | null)?.unref()
    child.unref()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.ref()
  child.stdin?.end()
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(killer)
}

function fromControlPlane(error: NonNullable<ReadyLine['error']>): LabError {
  return new LabError({
    ...error,
    code: error.code in errorCodes ? error.code : 'cluster-failed',
    hint: error.hint ?? 'ztlab doctor',
  })
}

function describe(timings: Record<string, number>): string {
  return Object.entries(timings)
    .map(([what, ms]) => `${what} ${Math.round(ms)} ms`)
    .join(', ')
}

function lastLines(directory: string): string {
  try {
    return readFileSync(stateFiles(directory).controlPlaneLog, 'utf8')
      .trim()
      .split('\n')
      .slice(-20)
      .join('\n')
  } catch {
    return 'it left no log'
  }
}

function parse(line: string): ReadyLine | null {
  try {
    return JSON.parse(line) as ReadyLine
  } catch {
    return null
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((onFulfilled, onRejected) => {
    resolve = onFulfilled
    reject = onRejected
  })
  return { promise, resolve, reject }
}
