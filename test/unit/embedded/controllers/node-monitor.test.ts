import { jest } from '@jest/globals'
import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { renewLease } from '../../../../src/embedded/kubelet/node-lease.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { type World, withControllers } from '../../../support/control-plane.ts'
import { object } from '../api/harness.ts'

const nodeGraceMs = 2_000
const renewalMs = 100

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
})
afterEach(() => {
  jest.useRealTimers()
})

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
/** Time goes by, in which these nodes alone renew their leases. */
const pass = async (timeMs: number, { client, settle }: World, alive: string[]) => {
  for (let passedMs = 0; passedMs < timeMs; passedMs += renewalMs) {
    for (const name of alive) await renewLease(client, await nodeOf(client, name))
    await jest.advanceTimersByTimeAsync(renewalMs)
    await settle()
  }
}
const conditionsOf = ({ status }: KubernetesObject): Record<string, string> =>
  Object.fromEntries(
    status.conditions.map(({ type, status: is, reason }: Record<string, string>) => [
      type,
      `${is} ${reason ?? ''}`,
    ]),
  )

test('a node whose kubelet is silent is given up: unknown, tainted, without its pods; where all are, nobody is driven out', () =>
  withControllers(
    async (world) => {
      const { client, settle } = world
      await client.create(resources.pods, pod('brief', 0))
      await client.create(resources.pods, pod('patient', 3600))
      await settle()
      await pass(nodeGraceMs - renewalMs, world, ['node-2'])
      expect(taintsOf(await nodeOf(client, 'node-1'))).toEqual([])
      await pass(renewalMs, world, ['node-2'])
      expect(taintsOf(await nodeOf(client, 'node-1'))).toEqual([
        'node.kubernetes.io/unreachable:NoSchedule',
        'node.kubernetes.io/unreachable:NoExecute',
      ])
      expect(conditionsOf(await nodeOf(client, 'node-1'))).toEqual({
        Ready: 'Unknown NodeStatusUnknown',
        MemoryPressure: 'Unknown NodeStatusNeverUpdated',
        DiskPressure: 'Unknown NodeStatusNeverUpdated',
        PIDPressure: 'Unknown NodeStatusNeverUpdated',
      })
      const { items } = await client.list(resources.pods, 'shop')
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['patient'])
      expect(conditionsOf(items[0]!).Ready).toMatch(/^False/)
      expect(taintsOf(await nodeOf(client, 'node-2'))).toEqual([])
      const events = (await client.list(resources.events)).items.map(
        ({ involvedObject, reason, message }) => `${involvedObject.name} ${reason}: ${message}`,
      )
      expect(events).toContain('node-1 NodeNotReady: Node node-1 status is now: NodeNotReady')
      expect(events).toContain('patient NodeNotReady: Node is not ready')
      // The last one is silent, too: then it is rather the control plane that hears nothing.
      await pass(nodeGraceMs, world, [])
      for (const name of ['node-1', 'node-2'])
        expect(taintsOf(await nodeOf(client, name))).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
      const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' }]
      await client.patch(resources.nodes, { name: 'node-2' }, { status: { conditions } }, 'status')
      await settle()
      expect(taintsOf(await nodeOf(client, 'node-2'))).toEqual([])
      expect(taintsOf(await nodeOf(client, 'node-1'))).toContain('node.kubernetes.io/unreachable:NoExecute')
    },
    { nodeGraceMs },
  ))
