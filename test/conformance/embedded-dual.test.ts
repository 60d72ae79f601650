import { embeddedBackend } from '../../src/cluster/embedded/index.ts'
import { homeForTests, whyNoDualCluster } from '../support/ztlab.ts'
import { conformance } from './backend.ts'
import { dualStack } from './suite/dual-stack.ts'
import { matrix } from './suite/matrix.ts'
import { network } from './suite/network.ts'

process.env.ZTLAB_STATE_DIR = homeForTests().state

conformance(
  {
    name: 'embedded-dual',
    whyNot: whyNoDualCluster(),
    whyNoPolicies: null,
    spec: { nodes: 2, ipFamily: 'dual' },
    load: async () => embeddedBackend,
    startTimeoutMs: 180_000,
  },
  { network, dualStack },
)

conformance(
  {
    name: 'embedded-ipv6',
    whyNot: whyNoDualCluster(),
    whyNoPolicies: null,
    spec: { nodes: 2, ipFamily: 'ipv6' },
    load: async () => embeddedBackend,
    startTimeoutMs: 180_000,
  },
  { matrix, network },
)
