import { resources } from '../../../../src/embedded/api-client/index.ts'
import { startDisruptionController } from '../../../../src/embedded/controllers/disruption.ts'
import { object, pod, withApi } from './harness.ts'
import { sendSocket } from './send-socket.ts'

const budget = (spec: object) =>
  object(
    'policy/v1',
    'PodDisruptionBudget',
    { name: 'guard', namespace: 'shop' },
    {
      spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    },
  )
const ready = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }

/** Three pods that are ready, a budget, and its controller; what an eviction of each is answered with. */
async function evictions(spec: object): Promise<number[]> {
  const codes: number[] = []
  await withApi(async ({ server, directory }) => {
    const client = server.client('test')
    const names = ['a', 'b', 'c']
    for (const name of names) {
      await client.create(resources.pods, pod(name, {}, { app: 'web' }))
      await client.patch(resources.pods, { name, namespace: 'shop' }, ready, 'status')
    }
    await client.create(resources.podDisruptionBudgets, budget(spec))
    const controller = startDisruptionController({
      client: server.client,
      certificate: '',
      log: () => undefined,
    })
    // Informers learn of what there is in the order in which they were made: the controller's have by now.
    await client.inform(resources.podDisruptionBudgets).synced
    for (const name of names) {
      await controller.idle()
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'shop' } }
      codes.push(
        await sendSocket(`${directory}/api.sock`, `/api/v1/namespaces/shop/pods/${name}/eviction`, body),
      )
    }
    controller.stop()
  })
  return codes
}

test('a budget allows as many evictions as leave its minimum ready', async () => {
  expect(await evictions({ minAvailable: 2 })).toEqual([201, 429, 429])
  expect(await evictions({ minAvailable: 0 })).toEqual([201, 201, 201])
})

test('a maximum of unavailable pods is of what their owners want: pods without owners are not counted', async () => {
  expect(await evictions({ maxUnavailable: 1 })).toEqual([429, 429, 429])
})
