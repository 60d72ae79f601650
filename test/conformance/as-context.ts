import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { contextBackend } from '../../src/cluster/context/index.ts'
import type { Cluster, ClusterBackend } from '../../src/cluster/index.ts'

/** A cluster as one of somebody's kubeconfig, which knows nothing of being used so; the file ends with the opened cluster. */
export async function asContext({
  kubeconfig,
}: Pick<Cluster, 'kubeconfig'>): Promise<{ backend: ClusterBackend; cluster: Cluster }> {
  const folder = mkdtempSync(join(tmpdir(), 'ztlab-context-'))
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, kubeconfig, { mode: 0o600 })
  const { 'current-context': name } = parse(kubeconfig) as { 'current-context': string }
  const backend = contextBackend({ name, kubeconfig: file })
  const cluster = await backend.open(name)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= cluster.close().finally(() => rmSync(folder, { recursive: true }))
    return closing
  }
  return { backend, cluster: { ...cluster, close } }
}
