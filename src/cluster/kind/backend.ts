import type { ClusterBackend } from '../cluster.ts'
import { create } from './create.ts'
import { loadArchive } from './images.ts'
import { deleteCluster, listClusters } from './kind-clusters.ts'
import { open } from './open.ts'
import { preflight } from './preflight.ts'

/** kind with Calico: real Kubernetes nodes as Docker containers. Ours are named `ztlab-…`; others are never touched. */
export const kindBackend: ClusterBackend = {
  creates: true,
  preflight: () => preflight(),
  create,
  open,
  list: listClusters,
  load: loadArchive,
  delete: deleteCluster,
}
