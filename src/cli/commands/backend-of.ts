import { type ClusterBackend, selectBackend } from '../../cluster/index.ts'
import type { OptionValues } from '../options.ts'

/** The kind of cluster that the flags choose. */
export function backendOf({ cluster, kubeconfig, probeImage }: OptionValues): Promise<ClusterBackend> {
  return selectBackend(cluster, {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(probeImage !== undefined && { image: probeImage }),
  })
}
