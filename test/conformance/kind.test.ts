import { kindBackend } from '../../src/cluster/kind/index.ts'
import { kindOnHand } from '../support/kind-on-hand.ts'
import { conformance } from './backend.ts'
import { everythingOnKind } from './suite/index.ts'

const { whyNot, whyNoCalico, spec } = kindOnHand()

conformance(
  {
    name: 'kind',
    whyNot,
    whyNoPolicies: whyNoCalico,
    spec,
    load: async () => kindBackend,
    // Nodes and Calico take a minute; the rest is for a machine that runs other tests beside.
    startTimeoutMs: 300_000,
  },
  everythingOnKind,
)
