import { spawnSync } from 'node:child_process'
import type { ClusterSpec } from '../../src/cluster/index.ts'
import { findKind } from '../../src/cluster/kind/kind-binary.ts'

/** What of kind and Calico this machine and its environment give to tests. */
export interface KindOnHand {
  /** Why no kind cluster can be made, or null. */
  whyNot: string | null
  /** Why one would be without Calico, or null. */
  whyNoCalico: string | null
  spec: Omit<ClusterSpec, 'name' | 'detached'>
}

/** docs/backends/kind.md tells of the variables. */
export function kindOnHand(env: NodeJS.ProcessEnv = process.env): KindOnHand {
  const { ZTLAB_CONFORMANCE_CALICO_MANIFEST: calicoManifest, ZTLAB_CONFORMANCE_LOAD_IMAGE: loadImage } = env
  const images = docker(['images', '--format', '{{.Repository}}:{{.Tag}}', 'kindest/node'])
  const nodeImage = env.ZTLAB_CONFORMANCE_NODE_IMAGE ?? images?.[0]
  const image = nodeImage === undefined ? {} : { nodeImage }
  const calico =
    calicoManifest === undefined || loadImage === undefined
      ? null
      : { cni: 'calico' as const, calicoManifest, loadImages: loadImage.split(',') }
  return {
    whyNot: whyNot(images, nodeImage),
    whyNoCalico: calico ? null : 'no Calico was given: docs/backends/kind.md',
    spec: calico ? { nodes: 2, ...calico, ...image } : { nodes: 1, cni: 'default', ...image },
  }
}

function whyNot(images: string[] | null, nodeImage: string | undefined): string | null {
  if (findKind() === null) return 'kind is not installed'
  if (images === null) return 'Docker does not answer'
  return nodeImage === undefined ? 'Docker has no kindest/node image' : null
}

/** Lines of its output, null where Docker does not answer. */
function docker(argv: string[]): string[] | null {
  const { status, stdout } = spawnSync('docker', argv, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? stdout.split('\n').filter(Boolean) : null
}
