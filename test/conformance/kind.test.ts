import { spawnSync } from 'node:child_process'
import type { ClusterSpec } from '../../src/cluster/index.ts'
import { kindBackend } from '../../src/cluster/kind/index.ts'
import { findKind } from '../../src/cluster/kind/kind-binary.ts'
import { conformance } from './backend.ts'
import { everything } from './suite/index.ts'

const { ZTLAB_CONFORMANCE_CALICO_MANIFEST: calicoManifest, ZTLAB_CONFORMANCE_LOAD_IMAGE: loadImage } =
  process.env
const images = docker(['images', '--format', '{{.Repository}}:{{.Tag}}', 'kindest/node'])
const nodeImage = process.env.ZTLAB_CONFORMANCE_NODE_IMAGE ?? images?.[0]
const withCalico = calicoManifest !== undefined && loadImage !== undefined

conformance(
  {
    name: 'kind',
    whyNot: whyNot(),
    whyNoPolicies: withCalico ? null : 'no Calico was given: docs/backends/kind.md',
    spec: specOf(),
    load: async () => kindBackend,
    // Nodes and Calico take a minute; the rest is for a machine that runs other tests beside.
    startTimeoutMs: 300_000,
  },
  everything,
)

function whyNot(): string | null {
  if (findKind() === null) return 'kind is not installed'
  if (images === null) return 'Docker does not answer'
  if (nodeImage === undefined) return 'Docker has no kindest/node image'
  return null
}

function specOf(): Omit<ClusterSpec, 'name' | 'detached'> {
  const image = nodeImage === undefined ? {} : { nodeImage }
  if (!withCalico) return { nodes: 1, cni: 'default', ...image }
  return { nodes: 2, cni: 'calico', calicoManifest, loadImages: loadImage.split(','), ...image }
}

/** Lines of its output, null where Docker does not answer. */
function docker(argv: string[]): string[] | null {
  const { status, stdout } = spawnSync('docker', argv, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? stdout.split('\n').filter(Boolean) : null
}
