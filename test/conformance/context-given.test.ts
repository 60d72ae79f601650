import { readFileSync } from 'node:fs'
import { asContext } from './as-context.ts'
import { conformance } from './backend.ts'
import { everythingOnContexts } from './suite/index.ts'

/** A cluster of yours, by the current context of this kubeconfig: docs/backends/context.md. */
const file = process.env.ZTLAB_TEST_KUBECONFIG
const enforces = process.env.ZTLAB_TEST_ENFORCES !== 'nothing'

conformance(
  {
    name: 'context-given',
    whyNot: file === undefined ? 'ZTLAB_TEST_KUBECONFIG names no cluster' : null,
    whyNoPolicies: enforces ? null : 'ZTLAB_TEST_ENFORCES says nothing',
    whyNoRights: null,
    stays: true,
    spec: { nodes: 0 },
    async load() {
      const { backend, cluster } = await asContext({ kubeconfig: readFileSync(file!, 'utf8') })
      return { ...backend, create: async () => cluster }
    },
    through: asContext,
    startTimeoutMs: 180_000,
  },
  everythingOnContexts,
)
