import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runKind } from './kind-binary.ts'

/** Ours are told from the user's own by this beginning of their names. */
const prefix = 'ztlab-'

/** The name kind knows a cluster of ours by; its containers carry it as the label `io.x-k8s.kind.cluster`. */
export function kindName(name: string): string {
  return `${prefix}${name}`
}

/** The nodes of a cluster, as kind names them and their containers. */
export function nodeNames({ name, nodes }: { name: string; nodes: number }): string[] {
  const workers = Array.from({ length: nodes - 1 }, (_, index) => `worker${index > 0 ? index + 1 : ''}`)
  return ['control-plane', ...workers].map((role) => `${kindName(name)}-${role}`)
}

export async function listClusters(): Promise<string[]> {
  const { stdout } = await runKind(['get', 'clusters', '--quiet'], { timeoutMs: 30_000 })
  return stdout
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length))
}

/** Deletes the cluster's containers; that there are none is no error. */
export async function deleteCluster(name: string): Promise<void> {
  await withKubeconfigFile((file) =>
    runKind(['delete', 'cluster', '--name', kindName(name), '--kubeconfig', file, '--quiet']),
  )
}

/** kind writes every kubeconfig it is not told otherwise about; the user's own stays as it is. */
export async function withKubeconfigFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ztlab-kind-'))
  try {
    return await use(join(folder, 'kubeconfig'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
