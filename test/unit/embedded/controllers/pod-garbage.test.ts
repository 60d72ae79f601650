import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { eventually } from '../../../support/eventually.ts'
import { object } from '../api/harness.ts'

const pod = (name: string, nodeName: string) =>
  object(
    'v1',
    'Pod',
    { name, namespace: 'default' },
    { spec: { nodeName, containers: [{ name: 'x', image: 'busybox' }] } },
  )

test('pods of a node that is gone, or that never was, are deleted as failed; others stay', () =>
  withControllers(
    async ({ client, settle }) => {
      const changes: string[] = []
      client.inform(resources.pods, ({ type, object: { metadata, status } }) => {
        const disruption = status?.conditions?.find(
          ({ type }: { type: string }) => type === 'DisruptionTarget',
        )
        changes.push(`${type} ${metadata.name} ${status?.phase} ${disruption?.reason ?? ''}`.trimEnd())
      })
      for (const [name, node] of [
        ['here', 'node-1'],
        ['there', 'node-2'],
        ['nowhere', 'node-9'],
      ] as const)
        await client.create(resources.pods, pod(name, node))
      await settle()
      await client.delete(resources.nodes, { name: 'node-2' })
      await eventually(async () => expect(await podsOf(client)).toEqual(['here']))
      expect(changes).toContain('MODIFIED there Failed DeletionByPodGC')
      expect(changes).toContain('MODIFIED nowhere Failed DeletionByPodGC')
    },
    { nodeQuarantineMs: 300 },
  ))

test('pods of a node that comes back in time stay', () =>
  withControllers(
    async ({ client, settle }) => {
      await client.create(resources.pods, pod('here', 'node-1'))
      await settle()
      const { apiVersion, kind, metadata, status } = await client.get(resources.nodes, 'node-1')
      await client.delete(resources.nodes, { name: 'node-1' })
      await client.create(resources.nodes, { apiVersion, kind, metadata: { name: metadata.name }, status })
      // Its time begins after that of the node: when it is over, so is that one's.
      await client.create(resources.pods, pod('nowhere', 'node-9'))
      await eventually(async () => expect(await podsOf(client)).not.toContain('nowhere'))
      await settle()
      expect(await podsOf(client)).toEqual(['here'])
    },
    { nodeQuarantineMs: 2_500 },
  ))

async function podsOf(client: ApiClient): Promise<string[]> {
  const { items } = await client.list(resources.pods, 'default')
  return items.map(({ metadata }) => metadata.name)
}
