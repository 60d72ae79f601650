import { LabError } from '../../errors.ts'
import { canaryObjects, usesTiers } from '../canary.ts'
import type { ClusterBackend } from '../cluster.ts'
import { deleteLeftovers } from '../leftovers.ts'
import { readyNodesOf } from '../nodes.ts'
import type { ContextChoice } from './choice.ts'
import { canaryChoices, connect, newRunId, open } from './open.ts'
import { mayWriteTiers } from './permissions.ts'
import { preflight } from './preflight.ts'

/** Any cluster of a kubeconfig: never made, never deleted; only what carries our label is touched. */
export function contextBackend(choice: ContextChoice): ClusterBackend {
  return {
    creates: false,
    keepsWarm: false,
    preflight: () => preflight(choice),
    create: async () => {
      throw notOurs(choice.name)
    },
    open: async () => open(choice),
    list: async () => [choice.name],
    async delete() {
      const { kube } = await connect(choice)
      try {
        await deleteLeftovers(kube, { all: true })
      } finally {
        kube.close()
      }
    },
    async ownObjects() {
      const { kube } = await connect(choice)
      try {
        const canary = { ...canaryChoices(choice, newRunId()), tiers: await mayWriteTiers(kube) }
        const calico = await usesTiers({ kube, choices: canary })
        return canaryObjects(canary, { nodes: await readyNodesOf(kube), calico })
      } finally {
        kube.close()
      }
    },
  }
}

function notOurs(name: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `context ${name} is a cluster of yours: ztlab neither makes nor deletes it`,
    hint: `ztlab lab run calico-basics --cluster context:${name}`,
  })
}
