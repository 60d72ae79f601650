import { resources } from '../../../../src/embedded/api-client/index.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { object } from './harness.ts'

const service = (name: string, spec: object) =>
  object('v1', 'Service', { name, namespace: 'shop' }, { spec: { ports: [{ port: 80 }], ...spec } })

test('a NodePort Service is given a port of the nodes, and another the next', () =>
  withControllers(async ({ client }) => {
    const portOf = async (name: string, spec: object = {}) =>
      (await client.create(resources.services, service(name, { type: 'NodePort', ...spec }))).spec.ports[0]
        .nodePort
    expect(await portOf('one')).toBe(30_000)
    expect(await portOf('two')).toBe(30_001)
    await client.patch(
      resources.services,
      { name: 'one', namespace: 'shop' },
      { spec: { selector: { a: 'b' } } },
    )
    expect((await client.get(resources.services, 'one', 'shop')).spec.ports[0].nodePort).toBe(30_000)
    await expect(portOf('three', { ports: [{ port: 80, nodePort: 30_001 }] })).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('provided port is already allocated'),
    })
    await expect(portOf('four', { ports: [{ port: 80, nodePort: 80 }] })).rejects.toMatchObject({ code: 422 })
  }))

test('an ExternalName Service has no address, and needs a name', () =>
  withControllers(async ({ client }) => {
    const alias = await client.create(
      resources.services,
      service('alias', { type: 'ExternalName', externalName: 'example.org' }),
    )
    expect(alias.spec.clusterIP).toBeUndefined()
    await expect(
      client.create(resources.services, service('nothing', { type: 'ExternalName' })),
    ).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('spec.externalName: Required value'),
    })
  }))

test('a type alone can be patched: what came with the former one goes with it', () =>
  withControllers(async ({ client }) => {
    const spec = { type: 'NodePort', externalTrafficPolicy: 'Local' }
    await client.create(resources.services, service('web', spec))
    const patched = (spec: object) =>
      client.patch(resources.services, { name: 'web', namespace: 'shop' }, { spec })
    const inside = await patched({ type: 'ClusterIP' })
    expect(inside.spec.ports[0].nodePort).toBeUndefined()
    expect(inside.spec.externalTrafficPolicy).toBeUndefined()
    const alias = await patched({ type: 'ExternalName', externalName: 'example.org' })
    expect(alias.spec.clusterIP).toBeUndefined()
    expect((await patched({ type: 'ClusterIP', externalName: null })).spec.clusterIP).toMatch(/^10\./)
    await expect(patched({ type: 'ClusterIP', externalTrafficPolicy: 'Local' })).rejects.toMatchObject({
      code: 422,
    })
  }))

test('a port that comes before others is not given the node port of one of them', () =>
  withControllers(async ({ client }) => {
    const [old, fresh] = [
      { name: 'old', port: 80 },
      { name: 'new', port: 81 },
    ]
    await client.create(resources.services, service('web', { type: 'NodePort', ports: [old] }))
    const ref = { name: 'web', namespace: 'shop' }
    const { spec } = await client.patch(resources.services, ref, { spec: { ports: [fresh, old] } })
    expect(spec.ports.map(({ nodePort }: { nodePort: number }) => nodePort)).toEqual([30_001, 30_000])
    const asked = { name: 'asked', port: 82, nodePort: 30_002 }
    const other = await client.create(
      resources.services,
      service('other', { type: 'NodePort', ports: [{ name: 'any', port: 80 }, asked] }),
    )
    expect(other.spec.ports[0].nodePort).toBe(30_003)
  }))
