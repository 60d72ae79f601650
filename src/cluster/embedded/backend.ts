import { existsSync, readdirSync } from 'node:fs'
import { clusterDirectory, stateRoot } from '../../embedded/state.ts'
import type { ClusterBackend } from '../cluster.ts'
import { create } from './create.ts'
import { deleteByMarks, sweep } from './delete.ts'
import { load } from './load.ts'
import { open } from './open.ts'
import { preflight } from './preflight.ts'
import { isRunning, readState } from './state-file.ts'

/** A miniature Kubernetes on namespaces of this machine: see docs/architecture.md. */
export const embeddedBackend: ClusterBackend = {
  creates: true,
  keepsWarm: false,
  preflight: () => preflight(),
  create,
  async open(name) {
    await sweep()
    return open(name)
  },
  async list() {
    await sweep()
    const root = stateRoot()
    if (!existsSync(root)) return []
    return readdirSync(root).filter((name) => isRunning(readState(clusterDirectory(name))))
  },
  load,
  delete: (name) => deleteByMarks(clusterDirectory(name), name),
}
