import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { renewLease } from '../../../../src/embedded/kubelet/node-lease.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { eventually } from '../../../support/eventually.ts'
import { object } from '../api/harness.ts'

/** Long enough for a lease to be renewed in time on a machine that is busy. */
const nodeGraceMs = 2_000

const pod = (name: string, tolerationSeconds: number) =>
  object(
    'v1',
    'Pod',
    { name, namespace: 'shop' },
    {
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'x', image: 'busybox' }],
        tolerations: ['not-ready', 'unreachable'].map((name) => ({
          ...{
            key: `node.kubernetes.io/${name}`,
            operator: 'Exists',
            effect: 'NoExecute',
            tolerationSeconds,
          },
        })),
      },
    },
  )

const nodeOf = (client: ApiClient, name: string) => client.get(resources.nodes, name)
const taintsOf = ({ spec }: KubernetesObject): string[] =>
  (spec?.taints ?? []).map(({ key, effect }: { key: string; effect: string }) => `${key}:${effect}`)
const keptAlive = (client: ApiClient, name: string) =>
  setInterval(() => void nodeOf(client, name).then((node) => renewLease(client, node)), 50)
const conditionsOf = ({ status }: KubernetesObject): Record<string, string> =>
  Object.fromEntries(
    status.conditions.map(({ type, status: is, reason }: Record<string, string>) => [
      type,
      `${is} ${reason ?? ''}`,
    ]),
  )

test(
  'a node whose kubelet is silent is given up: unknown, tainted, without its pods; where all are, nobody is driven out',
  () =>
    withControllers(
      async ({ client }) => {
        await client.create(resources.pods, pod('brief', 0))
        await client.create(resources.pods, pod('patient', 3600))
        let alive = keptAlive(client, 'node-2')
        try {
          await eventually(async () =>
            expect(taintsOf(await nodeOf(client, 'node-1'))).toEqual([
              'node.kubernetes.io/unreachable:NoSchedule',
              'node.kubernetes.io/unreachable:NoExecute',
            ]),
          )
          expect(conditionsOf(await nodeOf(client, 'node-1'))).toEqual({
            Ready: 'Unknown NodeStatusUnknown',
            MemoryPressure: 'Unknown NodeStatusNeverUpdated',
            DiskPressure: 'Unknown NodeStatusNeverUpdated',
            PIDPressure: 'Unknown NodeStatusNeverUpdated',
          })
          await eventually(async () => {
            const { items } = await client.list(resources.pods, 'shop')
            expect(items.map(({ metadata }) => metadata.name)).toEqual(['patient'])
            expect(conditionsOf(items[0]!).Ready).toMatch(/^False/)
          })
          expect(taintsOf(await nodeOf(client, 'node-2'))).toEqual([])
          const events = (await client.list(resources.events)).items.map(
            ({ involvedObject, reason, message }) => `${involvedObject.name} ${reason}: ${message}`,
          )
          expect(events).toContain('node-1 NodeNotReady: Node node-1 status is now: NodeNotReady')
          expect(events).toContain('patient NodeNotReady: Node is not ready')
        } finally {
          clearInterval(alive)
        }
        // The last one is silent, too: then it is rather the control plane that hears nothing.
        await eventually(async () => {
          for (const name of ['node-1', 'node-2'])
            expect(taintsOf(await nodeOf(client, name))).toEqual([
              'node.kubernetes.io/unreachable:NoSchedule',
            ])
        })
        const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' }]
        await client.patch(resources.nodes, { name: 'node-2' }, { status: { conditions } }, 'status')
        alive = keptAlive(client, 'node-2')
        await eventually(async () => {
          expect(taintsOf(await nodeOf(client, 'node-2'))).toEqual([])
          expect(taintsOf(await nodeOf(client, 'node-1'))).toContain(
            'node.kubernetes.io/unreachable:NoExecute',
          )
        }).finally(() => clearInterval(alive))
      },
      { nodeGraceMs },
    ),
  60_000,
)
