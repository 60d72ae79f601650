import { embeddedBackend } from '../../src/cluster/embedded/index.ts'
import { homeForTests, whyNoCluster } from '../support/ztlab.ts'
import { asContext } from './as-context.ts'
import { conformance } from './backend.ts'
import { everythingOnContexts } from './suite/index.ts'

// Its clusters keep their state apart from those of other test files.
process.env.ZTLAB_STATE_DIR = homeForTests().state

conformance(
  {
    name: 'context-embedded',
    whyNot: whyNoCluster(),
    whyNoPolicies: null,
    whyNoRights: 'the embedded cluster stores RBAC, and nothing acts on it',
    spec: { nodes: 2 },
    load: async () => embeddedBackend,
    through: asContext,
    startTimeoutMs: 180_000,
  },
  everythingOnContexts,
)
