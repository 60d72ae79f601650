import { servedTypes } from '../../src/embedded/api/index.ts'
import { type ApiClient, isApiError, resources } from '../../src/embedded/api-client/index.ts'
import { type ControllerContext, startControllers } from '../../src/embedded/controllers/index.ts'
import { object, withApi } from '../unit/embedded/api/harness.ts'

export interface World {
  client: ApiClient
  /** YAML: the way in for kubectl. */
  kubeconfig: string
  directory: string
  /** Resolves once neither a controller nor the kubelet has anything to do. */
  settle(): Promise<void>
  logged: string[]
}

/** A cluster of two nodes whose kubelet is made up: a bound pod runs at once, a deleted one ends at once. */
export async function withControllers(
  work: (world: World) => Promise<void>,
  options: Pick<ControllerContext, 'nodeGraceMs' | 'nodeQuarantineMs'> = {},
): Promise<void> {
  await withApi(async ({ server, directory }) => {
    const logged: string[] = []
    const controllers = await startControllers(
      {
        client: server.client,
        certificate: server.certificate,
        onType: server.onType,
        log: (line) => logged.push(line),
        ...options,
      },
      servedTypes(),
    )
    const client = server.client('test')
    for (const name of ['node-1', 'node-2']) {
      const labels = { 'kubernetes.io/hostname': name }
      const status = { conditions: [{ type: 'Ready', status: 'True' }] }
      await client.create(resources.nodes, object('v1', 'Node', { name, labels }, { status }))
    }
    let address = 0
    const kubelet: Promise<unknown>[] = []
    client.inform(resources.pods, ({ type, object: { metadata, spec, status } }) => {
      const ref = { name: metadata.name, namespace: metadata.namespace }
      if (type === 'DELETED') return
      if (metadata.deletionTimestamp)
        kubelet.push(ignoringGone(client.delete(resources.pods, ref, { gracePeriodSeconds: 0 })))
      else if (spec.nodeName && status.phase === 'Pending') {
        address += 1
        const conditions = [...status.conditions, { type: 'Ready', status: 'True' }]
        const running = { phase: 'Running', podIP: `192.168.0.${address}`, conditions }
        kubelet.push(ignoringGone(client.patch(resources.pods, ref, { status: running }, 'status')))
      }
    })
    const settle = async () => {
      for (let before = -1; before !== client.revision; ) {
        before = client.revision
        await Promise.all(kubelet.splice(0))
        await controllers.idle()
      }
    }
    await settle()
    await work({ client, settle, logged, directory, kubeconfig: server.kubeconfig })
    controllers.stop()
  })
}

async function ignoringGone(change: Promise<unknown>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (!isApiError(error, 404)) throw error
  }
}
