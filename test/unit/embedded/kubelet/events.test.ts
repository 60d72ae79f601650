import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { EventWriter } from '../../../../src/embedded/kubelet/events.ts'
import { object, withApi } from '../api/harness.ts'

const about = object('v1', 'Pod', { name: 'web', namespace: 'shop', uid: 'u' })
const started = { type: 'Normal', reason: 'Started', message: 'Started container c' } as const

const countsOf = async (client: ApiClient) =>
  (await client.list(resources.events, 'shop')).items.map(({ count }) => count)

test('Events that repeat at once are counted, and begin anew where they have been deleted', () =>
  withApi(async ({ client }) => {
    const logged: string[] = []
    const writer = new EventWriter(client, 'node-1', (line) => logged.push(line))
    await Promise.all([1, 2, 3].map(() => writer.write(about, started)))
    expect(await countsOf(client)).toEqual([3])
    const [event] = (await client.list(resources.events, 'shop')).items
    await client.delete(resources.events, { name: event!.metadata.name, namespace: 'shop' })
    await writer.write(about, started)
    expect(await countsOf(client)).toEqual([1])
    expect(logged).toEqual([])
  }))
