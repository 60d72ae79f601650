import { kindBackend } from '../../src/cluster/kind/index.ts'
import { kindOnHand } from '../support/kind-on-hand.ts'
import { asContext } from './as-context.ts'
import { conformance } from './backend.ts'
import { everythingOnContexts } from './suite/index.ts'

const { whyNot, whyNoCalico, spec } = kindOnHand()

/** A real API server, where RBAC is in force, through nothing but its kubeconfig. */
conformance(
  {
    name: 'context-kind',
    whyNot,
    whyNoPolicies: whyNoCalico,
    whyNoRights: null,
    spec,
    load: async () => kindBackend,
    through: asContext,
    startTimeoutMs: 300_000,
  },
  everythingOnContexts,
)
