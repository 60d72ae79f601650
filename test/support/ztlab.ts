import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import { leftoversAfter, noNamespaces, processesOf } from './leftovers.ts'
import { patience } from './patience.ts'
import { testUnless } from './test-unless.ts'

export { testUnless }

export const root = join(import.meta.dirname, '../..')
export const labs = join(root, 'labs')
export const fixtureLabs = join(root, 'test/fixtures/labs')

/** How a ztlab command ended. */
export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

/** A ztlab command that runs. */
export interface Running {
  process: ChildProcess
  finished: Promise<Finished>
  /** Resolves once stderr or stdout says this; rejects when the command ends without. */
  says(pattern: RegExp): Promise<void>
}

export interface StartOptions {
  stdin?: string
  cwd?: string
  env?: Record<string, string | undefined>
  /** Put in front of the command, to start it elsewhere. */
  within?: string[]
  /** The command is killed and fails the test after this time. Default 120,000. */
  timeoutMs?: number
}

/** A user's place to work: a state directory of its own, so that test files that run in parallel do not meet. */
export interface Home {
  /** Holds nothing of anybody else and goes away with the home. */
  directory: string
  /** Where its clusters keep their state. */
  state: string
  ztlab(argv: string[], options?: StartOptions): Promise<Finished>
  start(argv: string[], options?: StartOptions): Running
}

/** Another user than the one that tests, where root tests. */
export interface User {
  uid: number
}

const program = join(root, 'dist/ztlab.js')
const nobody: User = { uid: 65534 }

/** Makes a home for the tests of one file; afterwards it is taken away with all that runs in it. */
export function homeForTests(user: User | null = null): Home {
  demandFreshBuild()
  // Meant for a command that hangs, not for a machine that is busy.
  jest.setTimeout(300_000 * patience)
  const directory = join(tmpdir(), `ztlab-e2e-${randomBytes(4).toString('hex')}`)
  const state = join(directory, 'state')
  const as = user ? switchTo(user) : []
  const env = {
    ...plainEnvironment(),
    ZTLAB_STATE_DIR: state,
    ...(user && { HOME: directory, TMPDIR: directory }),
  }
  beforeAll(() => {
    for (const folder of [directory, state]) mkdirSync(folder, { mode: 0o700 })
    if (user) for (const folder of [directory, state]) chownSync(folder, user.uid, user.uid)
  })
  afterAll(async () => {
    for (const pid of processesOf(state)) endProcess(pid)
    // What is about to end may still write there.
    await leftoversAfter(30_000, state, noNamespaces)
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  })
  const start = (argv: string[], options: StartOptions = {}) =>
    startProgram([...(options.within ?? []), ...as, process.execPath, program, ...argv], {
      ...options,
      env: { ...env, ...options.env },
    })
  return { directory, state, start, ztlab: (argv, options) => start(argv, options).finished }
}

/** It may have ended by itself meanwhile. */
function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Starts any program the way `Home.start` starts ztlab. */
export function startProgram(argv: string[], options: StartOptions): Running {
  const { stdin, cwd, env } = options
  const timeoutMs = (options.timeoutMs ?? 120_000) * patience
  const child = spawn(argv[0]!, argv.slice(1), { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin ?? '')
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, timeoutMs)
  const finished = once(child, 'close').then(([code]): Finished => {
    clearTimeout(timer)
    if (late) throw new Error(`not finished after ${timeoutMs} ms: ${argv.join(' ')}\n${stdout}\n${stderr}`)
    return { code, stdout, stderr }
  })
  // Whoever does not await it still hears of it through the test that hangs on it.
  finished.catch(() => undefined)
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(`${stdout}\n${stderr}`)) resolve()
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.once('close', () => reject(new Error(`never said ${pattern}:\n${stdout}\n${stderr}`)))
      look()
    })
  return { process: child, finished, says }
}

/** Why the embedded cluster cannot run here, or null. */
export function whyNoCluster(): string | null {
  demandFreshBuild()
  const argv = [program, 'doctor', '--output', 'json']
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', env: plainEnvironment() })
  if (!stdout) throw new Error(`ztlab doctor fails: ${stderr}`)
  const report: { ok: boolean; checks: { ok: boolean; required: boolean; detail: string }[] } =
    JSON.parse(stdout)
  if (report.ok) return null
  return report.checks.find(({ ok, required }) => required && !ok)!.detail
}

/** Why no cluster with IPv6 can run here, or null. */
export function whyNoDualCluster(): string | null {
  return existsSync('/proc/sys/net/ipv6') ? whyNoCluster() : 'this kernel has no IPv6'
}

let clusterReason: string | null | undefined

/** A test that needs an embedded cluster; where none can run it is skipped, and its title says why. */
export function testOnCluster(title: string, body: () => Promise<void>, timeoutMs?: number): void {
  clusterReason ??= whyNoCluster()
  testUnless(clusterReason, { title, body, timeoutMs })
}

/** An ordinary user whom root may become for a test, or why there is none. */
export function ordinaryUser(): { user: User | null; reason: string | null } {
  if (process.getuid?.() !== 0) return { user: null, reason: 'these tests run as an ordinary user already' }
  const argv = [...switchTo(nobody), process.execPath, '-e', `require('fs').accessSync('${program}')`]
  const { status, stderr } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' })
  if (status === 0) return { user: nobody, reason: null }
  return {
    user: null,
    reason: `an ordinary user cannot read this folder: ${stderr.trim().split('\n').at(-1)}`,
  }
}

function switchTo({ uid }: User): string[] {
  return ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups']
}

/** What a user's shell has, without what Jest and ztlab itself put there. */
function plainEnvironment(): Record<string, string | undefined> {
  const ours = /^(ZTLAB_|JEST_|NODE_OPTIONS$|NODE_ENV$|npm_|FORCE_COLOR$|XDG_RUNTIME_DIR$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}

/** These tests run what was built: an old build would prove nothing about the sources. */
function demandFreshBuild(): void {
  if (!existsSync(program)) throw new Error('dist/ztlab.js is missing: npm run build')
  const built = statSync(program).mtimeMs
  const newer = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && statSync(join(root, 'src', name)).mtimeMs > built,
  )
  if (newer.length > 0) throw new Error(`dist is older than src/${newer[0]}: npm run build`)
}
