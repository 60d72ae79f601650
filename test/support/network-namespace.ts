import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { run } from '../../src/exec.ts'
import { testUnless } from './test-unless.ts'

/** A network namespace of a test's own, which lives as long as the test process at most. */
export interface NetworkNamespace {
  pid: number
  /** What to put in front of a command that is to run in it, as its root. */
  enter: string[]
  run(argv: string[], stdin?: string): Promise<string>
  /** Called before the namespace is closed: ends what a test runs in it. */
  onClose(end: () => void): void
  close(): Promise<void>
}

const rootless = process.getuid?.() !== 0

/** Why no network namespace can be had here, or null. */
export function whyNoNamespaces(programs: string[]): string | null {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length > 0) return `${missing.join(' and ')} not installed`
  const { status, stderr } = spawnSync('unshare', [...unshareArguments(), 'true'], { encoding: 'utf8' })
  return status === 0 ? null : `no network namespaces here: ${stderr.trim()}`
}

/**
 * A test that needs network namespaces, which are closed when it ends, however it ends. Where there are none it is
 * skipped, and its title says why.
 */
export function testInNamespaces(title: string, programs: string[], body: () => Promise<void>): void {
  const reason = whyNoNamespaces(['unshare', 'nsenter', ...programs])
  const closing = async () => {
    try {
      await body()
    } finally {
      await Promise.all([...opened].map((namespace) => namespace.close()))
    }
  }
  testUnless(reason, { title, body: closing, timeoutMs: 120_000 })
}

/** `within` owns the user namespace that the new one is to belong to. */
export async function openNetworkNamespace(within?: NetworkNamespace): Promise<NetworkNamespace> {
  const argv = within
    ? [...within.enter, 'unshare', '--net', 'sh', '-c', holder]
    : ['unshare', ...unshareArguments(), 'sh', '-c', holder]
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  const user = rootless ? ['--user', '--preserve-credentials'] : []
  const enter = ['nsenter', '--target', String(child.pid), ...user, '--net', '--']
  const ends: (() => void)[] = []
  const namespace: NetworkNamespace = {
    pid: child.pid!,
    enter,
    run: async (words, stdin) => (await run([...enter, ...words], { stdin })).stdout,
    onClose: (end) => ends.push(end),
    async close() {
      if (!opened.delete(namespace)) return
      for (const end of ends) end()
      await ended(child)
    },
  }
  opened.add(namespace)
  return namespace
}

const opened = new Set<NetworkNamespace>()

/** Says that it is there, and ends when its standard input does. */
const holder = 'echo ready; exec cat'

function unshareArguments(): string[] {
  return rootless ? ['--user', '--map-root-user', '--net'] : ['--net']
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.stdin!.end()
  await exit
}
