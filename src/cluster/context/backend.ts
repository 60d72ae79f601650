import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { canaryObjects, canaryService, usesTiers } from '../canary/index.ts'
import type { ClusterBackend, OwnObjects, SettleOptions } from '../cluster.ts'
import { deleteLeftovers } from '../leftovers.ts'
import { readyNodesOf } from '../nodes.ts'
import type { ContextChoice } from './choice.ts'
import { nodeShellObjects } from './node-shell.ts'
import { canaryChoices, connect, newRunId, nodeShellChoices, open } from './open.ts'
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
    async ownObjects(changed) {
      const { kube } = await connect(choice)
      try {
        return await ownObjects(kube, choice, changed)
      } finally {
        kube.close()
      }
    },
  }
}

async function ownObjects(
  kube: KubeClient,
  choice: ContextChoice,
  changed?: SettleOptions['changed'],
): Promise<OwnObjects> {
  const runId = newRunId()
  const canary = { ...canaryChoices(choice, runId), tiers: await mayWriteTiers(kube) }
  const calico = await usesTiers({ kube, choices: canary })
  const nodes = await readyNodesOf(kube)
  return {
    canary: [
      ...canaryObjects(canary, { nodes, calico, ...(changed && { changed }) }),
      canaryService(canary, 'xxxx'),
    ],
    nodeShells: nodeShellObjects(nodeShellChoices(choice, runId), nodes),
  }
}

function notOurs(name: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `context ${name} is a cluster of yours: ztlab neither makes nor deletes it`,
    hint: `ztlab lab run calico-basics --cluster context:${name}`,
  })
}
