import { isApiError, resources } from '../../../../src/embedded/api-client/index.ts'
import { object, pod, withApi } from './harness.ts'

test('an object is created, read, patched, listed and deleted', () =>
  withApi(async ({ client }) => {
    const created = await client.create(resources.pods, pod('web'))
    expect(created.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' })
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    const ref = { name: 'web', namespace: 'shop' }
    const patched = await client.patch(resources.pods, ref, { status: { phase: 'Running' } }, 'status')
    expect(patched.status.phase).toBe('Running')
    const ignored = await client.patch(resources.pods, ref, { status: { phase: 'Failed' } })
    expect(ignored.status.phase).toBe('Running')
    const list = await client.list(resources.pods, 'shop')
    expect(list.items.map((item) => item.metadata.name)).toEqual(['web'])
    expect(list.resourceVersion).toBe(patched.metadata.resourceVersion)
    await client.delete(resources.pods, ref)
    await expect(client.get(resources.pods, 'web', 'shop')).rejects.toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'pods "web" not found',
    })
  }))

test('one log feeds every informer, in order, and says how far it has come', () =>
  withApi(async ({ client }) => {
    await client.create(resources.pods, pod('before'))
    const seen: string[] = []
    const note = (event: { type: string; object: { kind: string; metadata: { name: string } } }) =>
      seen.push(`${event.type} ${event.object.kind} ${event.object.metadata.name}`)
    const pods = client.inform(resources.pods, note)
    const configMaps = client.inform(resources.configMaps, note)
    await Promise.all([pods.synced, configMaps.synced])
    await client.create(resources.configMaps, object('v1', 'ConfigMap', { name: 'one', namespace: 'shop' }))
    await client.create(resources.pods, pod('after'))
    const { resourceVersion } = await client.list(resources.pods)
    await reached(client, Number(resourceVersion))
    expect(seen).toEqual(['ADDED Pod before', 'ADDED ConfigMap one', 'ADDED Pod after'])
    expect(pods.get('after', 'shop')?.spec.restartPolicy).toBe('Always')
  }))

test('what a client may not do is refused with the code of the real API server', () =>
  withApi(async ({ client }) => {
    await client.create(resources.pods, pod('web'))
    await expect(client.create(resources.pods, pod('web'))).rejects.toMatchObject({ code: 409 })
    const lost = { ...pod('web'), metadata: { name: 'web', namespace: 'nowhere' } }
    await expect(client.create(resources.pods, lost)).rejects.toMatchObject({ code: 404 })
    const typo = pod('typo', { container: [] })
    await expect(client.create(resources.pods, typo)).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('strict decoding error: unknown field "spec.container"'),
    })
    const unsupported = pod('gated', { readinessGates: [{ conditionType: 'example.org/open' }] })
    await expect(client.create(resources.pods, unsupported)).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('spec.readinessGates: Forbidden'),
    })
    const stale = { metadata: { resourceVersion: '1' }, status: {} }
    const patch = client.patch(resources.pods, { name: 'web', namespace: 'shop' }, stale, 'status')
    await patch.catch((error) => expect(isApiError(error, 409)).toBe(true))
  }))

async function reached(
  client: { revision: number; onRevision(l: (r: number) => void): () => void },
  goal: number,
) {
  if (client.revision >= goal) return
  await new Promise<void>((resolve) => {
    const stop = client.onRevision((revision) => {
      if (revision < goal) return
      stop()
      resolve()
    })
  })
}
