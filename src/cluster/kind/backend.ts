import type { ClusterBackend } from '../cluster.ts'
import { create } from './create.ts'
import { loadArchive } from './images.ts'
import { deleteCluster, listClusters } from './kind-clusters.ts'
import { open } from './open.ts'
import { preflight } from './preflight.ts'
import { takeWarm } from './warm.ts'

/** kind with Calico: real Kubernetes nodes as Docker containers. Ours are named `ztlab-…`; others are never touched. */
export const kindBackend: ClusterBackend = {
  creates: true,
  keepsWarm: true,
  preflight: () => preflight(),
  create: async (spec, progress, signal) =>
    spec.reuse ? takeWarm(spec, progress, signal) : (await create(spec, progress, signal)).cluster,
  open,
  list: listClusters,
  load: loadArchive,
  delete: deleteCluster,
}
