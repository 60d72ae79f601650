import { embeddedBackend } from '../../src/cluster/embedded/index.ts'
import { homeForTests, whyNoCluster } from '../support/ztlab.ts'
import { conformance } from './backend.ts'
import { everything } from './suite/index.ts'
import { network } from './suite/network.ts'

// Its clusters keep their state apart from those of other test files.
process.env.ZTLAB_STATE_DIR = homeForTests().state

conformance(
  {
    name: 'embedded',
    whyNot: whyNoCluster(),
    whyNoPolicies: null,
    logsFlows: true,
    spec: { nodes: 2 },
    load: async () => embeddedBackend,
    startTimeoutMs: 180_000,
  },
  { network, ...everything },
)
