import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from '../../support/patience.ts'
import { normalize } from './normalize.ts'
import type { Section, Step } from './session.ts'

export interface Answer {
  run: string
  code: number
  stdout: string
  stderr: string
}

export interface SessionOptions {
  /** YAML. */
  kubeconfig: string
  /** Made and taken away. */
  namespace: string
  /** Told of each answer, as it was and as it is compared. */
  onAnswer?(step: Step, raw: Answer, normal: Answer): void
}

/** Types the lines of a section, one after the other, and returns what they said, normalised. */
export async function runSection(section: Section, options: SessionOptions): Promise<Answer[]> {
  const { kubeconfig, namespace, onAnswer } = options
  const directory = await mkdtemp(join(tmpdir(), 'ztlab-kubectl-'))
  const path = join(directory, 'kubeconfig')
  await writeFile(path, kubeconfig, { mode: 0o600 })
  const env = {
    ...process.env,
    HOME: directory,
    // Where kubectl leaves what was edited in vain.
    TMPDIR: directory,
    // What script(1) runs a line with.
    SHELL: '/bin/sh',
    KUBECONFIG: path,
    KUBECACHEDIR: join(directory, 'cache'),
    NAMESPACE: namespace,
  }
  const type = (run: string, stdin?: string) => typeLine(run, { cwd: directory, env, stdin })
  try {
    const node = (await type('kubectl get nodes -o jsonpath={.items[0].metadata.name}')).stdout
    await type(`kubectl create namespace ${namespace}`)
    await type(`kubectl config set-context --current --namespace=${namespace}`)
    // The first pod needs it, and it comes a moment after its namespace.
    await type('kubectl wait --for=create serviceaccount/default --timeout=30s')
    const answers: Answer[] = []
    for (const step of section) {
      if (step.when) await succeeds(() => type(step.when!))
      const raw = await type(step.run, step.stdin)
      const clean = (text: string) => normalize(text, { namespace, node })
      const normal = {
        ...raw,
        stdout: sorted(step, clean(raw.stdout)),
        stderr: sorted(step, clean(raw.stderr)),
      }
      onAnswer?.(step, raw, normal)
      answers.push(normal)
    }
    return answers
  } finally {
    await type(`kubectl delete namespace ${namespace} --wait=false`)
    await rm(directory, { recursive: true, force: true })
  }
}

function sorted({ unordered }: Step, text: string): string {
  return unordered ? text.split('\n').sort().join('\n') : text
}

const longestLineMs = 180_000 * patience
const longestWaitMs = 60_000 * patience

/** Whether it ever has, the step that waits for it tells. */
async function succeeds(typed: () => Promise<Answer>): Promise<void> {
  const until = performance.now() + longestWaitMs
  while ((await typed()).code !== 0 && performance.now() < until) await sleep(100)
}

async function typeLine(
  run: string,
  { cwd, env, stdin = '' }: { cwd: string; env: NodeJS.ProcessEnv; stdin?: string },
): Promise<Answer> {
  const child = spawn('bash', ['-c', run], { cwd, env, stdio: 'pipe' })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  const timer = setTimeout(() => child.kill('SIGKILL'), longestLineMs)
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  return { run, code: code ?? 137, ...said }
}
