import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { patience } from './patience.ts'
import { type Home, startProgram, testOnCluster, testUnless } from './ztlab.ts'

/** Why kubectl cannot be used in tests, or null: what it says is compared with what 1.31 or later says. */
export function whyNoKubectl(): string | null {
  const asked = spawnSync('kubectl', ['version', '--client', '--output', 'json'], { encoding: 'utf8' })
  const match = /"minor":\s*"(\d+)/.exec(asked.stdout ?? '') ?? /v1\.(\d+)/.exec(asked.stdout ?? '')
  if (!match) return 'no kubectl on PATH'
  return Number(match[1]) >= 31 ? null : `kubectl 1.${match[1]} is older than 1.31`
}

let kubectlReason: string | null | undefined

/** A test that needs kubectl and an embedded cluster; where one is missing it is skipped, and its title says why. */
export function testWithKubectl(title: string, body: () => Promise<void>, timeoutMs?: number): void {
  if (kubectlReason === undefined) kubectlReason = whyNoKubectl()
  if (kubectlReason === null) testOnCluster(title, body, timeoutMs)
  else testUnless(kubectlReason, { title, body, timeoutMs })
}

/** What kubectl has to find: a cluster, and a place of the home's own for what it keeps. */
export function kubectlEnvironment(home: Home, kubeconfig: string): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(home.directory, 'kube-cache') }
}

/** kubectl for a cluster of a home; resolves with what it says. It must succeed. */
export function kubectlOf(home: Home, cluster: string): (words: string[], stdin?: string) => Promise<string> {
  const env = kubectlEnvironment(home, join(home.state, cluster, 'kubeconfig'))
  return async (words, stdin) => {
    const argv = ['kubectl', ...words.map(patiently)]
    // Its own `--timeout` comes first.
    const { code, stdout, stderr } = await startProgram(argv, { env, stdin, timeoutMs: 180_000 }).finished
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`)
    return stdout
  }
}

/** `--timeout=60s`, as long as the tests wait. */
function patiently(word: string): string {
  return word.replace(/^--timeout=(\d+)s$/, (_, seconds) => `--timeout=${Number(seconds) * patience}s`)
}
