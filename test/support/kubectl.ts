import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { patience } from './patience.ts'
import { type Home, startProgram } from './ztlab.ts'

/** Why kubectl cannot be used in tests, or null: what it says is compared with what 1.31 or later says. */
export function whyNoKubectl(): string | null {
  const asked = spawnSync('kubectl', ['version', '--client', '--output', 'json'], { encoding: 'utf8' })
  const match = /"minor":\s*"(\d+)/.exec(asked.stdout ?? '') ?? /v1\.(\d+)/.exec(asked.stdout ?? '')
  if (!match) return 'no kubectl on PATH'
  return Number(match[1]) >= 31 ? null : `kubectl 1.${match[1]} is older than 1.31`
}

/** kubectl for a cluster of a home; resolves with what it says. It must succeed. */
export function kubectlOf(home: Home, cluster: string): (words: string[], stdin?: string) => Promise<string> {
  const env = {
    ...process.env,
    KUBECONFIG: join(home.state, cluster, 'kubeconfig'),
    KUBECACHEDIR: join(home.directory, 'kube-cache'),
  }
  return async (words, stdin) => {
    const argv = ['kubectl', ...words.map(patiently)]
    const { code, stdout, stderr } = await startProgram(argv, { env, stdin }).finished
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')} ended with ${code}: ${stderr}${stdout}`)
    return stdout
  }
}

/** `--timeout=60s`, as long as the tests wait. */
function patiently(word: string): string {
  return word.replace(/^--timeout=(\d+)s$/, (_, seconds) => `--timeout=${Number(seconds) * patience}s`)
}
