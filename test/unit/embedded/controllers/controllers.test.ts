import { resources } from '../../../../src/embedded/api-client/index.ts'
import { slicesOf } from '../../../../src/embedded/controllers/endpoint-slices.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { object, pod } from '../api/harness.ts'

const template = (image = 'busybox') => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
})
const deployment = (replicas: number) =>
  object(
    'apps/v1',
    'Deployment',
    { name: 'web', namespace: 'shop' },
    {
      spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template() },
    },
  )
const service = () =>
  object(
    'v1',
    'Service',
    { name: 'web', namespace: 'shop' },
    {
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
    },
  )
const inShop = { name: 'web', namespace: 'shop' }

test('a cluster begins with its namespaces, their ServiceAccounts, the Service kubernetes and the tiers', () =>
  withControllers(async ({ client }) => {
    const names = async (type: (typeof resources)[keyof typeof resources]) =>
      (await client.list(type)).items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
    expect(await names(resources.namespaces)).toEqual([
      '/default',
      '/kube-node-lease',
      '/kube-public',
      '/kube-system',
      '/shop',
    ])
    expect(await names(resources.serviceAccounts)).toContain('shop/default')
    expect(await names(resources.tiers)).toContain('/default')
    const kubernetes = await client.get(resources.services, 'kubernetes', 'default')
    expect(kubernetes.spec.clusterIP).toBe('10.96.0.1')
  }))

test('pods are spread over the nodes; one that fits nowhere waits, and an Event says why', () =>
  withControllers(async ({ client, settle }) => {
    for (const name of ['a', 'b', 'c']) await client.create(resources.pods, pod(name))
    await client.create(resources.pods, pod('picky', { nodeSelector: { disk: 'ssd' } }))
    await settle()
    const nodeOf = async (name: string) => (await client.get(resources.pods, name, 'shop')).spec.nodeName
    expect([await nodeOf('a'), await nodeOf('b'), await nodeOf('c')]).toEqual(['node-1', 'node-2', 'node-1'])
    const { items } = await client.list(resources.events, 'shop')
    expect(items.find(({ reason }) => reason === 'FailedScheduling')?.message).toBe(
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    )
    await client.patch(resources.nodes, { name: 'node-2' }, { metadata: { labels: { disk: 'ssd' } } })
    await settle()
    expect(await nodeOf('picky')).toBe('node-2')
  }))

test('a Service finds the named ports of sidecars, and those of no other init container', () => {
  const web = (restartPolicy?: string) => ({
    ...pod('web', {
      containers: [{ name: 'c', image: 'busybox' }],
      initContainers: [
        { name: 'i', restartPolicy, ports: [{ name: 'http', containerPort: 81, protocol: 'TCP' }] },
      ],
    }),
    status: { phase: 'Running', podIP: '10.244.0.2' },
  })
  const spec = { selector: {}, ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }] }
  const named = object('v1', 'Service', inShop, { spec })
  const found = (restartPolicy?: string) => slicesOf(named, [web(restartPolicy)])[0]!.ports
  expect(found('Always')).toEqual([{ name: '', port: 81, protocol: 'TCP' }])
  expect(found()).toEqual([])
  expect(slicesOf({ ...named, spec: { ...spec, type: 'ExternalName' } }, [web('Always')])).toEqual([])
})

test('a Deployment becomes pods, and its Service finds the ready ones by their named port', () =>
  withControllers(async ({ client, settle, logged }) => {
    await client.create(resources.deployments, deployment(3))
    await client.create(resources.services, service())
    await settle()
    const { status } = await client.get(resources.deployments, 'web', 'shop')
    expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 3, availableReplicas: 3 })
    const slices = (await client.list(resources.endpointSlices, 'shop')).items
    expect(slices).toHaveLength(1)
    expect(slices[0]!.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }])
    expect(slices[0]!.endpoints).toHaveLength(3)
    await client.patch(resources.deployments, inShop, { spec: { replicas: 1 } })
    await settle()
    expect((await client.list(resources.pods, 'shop')).items).toHaveLength(1)
    expect((await client.list(resources.endpointSlices, 'shop')).items[0]!.endpoints).toHaveLength(1)
    expect(logged).toEqual([])
  }))

test('a changed template rolls: the new ReplicaSet takes over, the old one stays at zero', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.deployments, deployment(2))
    await settle()
    await client.patch(resources.deployments, inShop, { spec: { template: template('nginx') } })
    await settle()
    const replicaSets = (await client.list(resources.replicaSets, 'shop')).items
    const sizes = replicaSets.map(({ spec }) => [spec.template.spec.containers[0].image, spec.replicas])
    expect(sizes.sort()).toEqual([
      ['busybox', 0],
      ['nginx', 2],
    ])
    const pods = (await client.list(resources.pods, 'shop')).items
    expect(pods.map(({ spec }) => spec.containers[0].image)).toEqual(['nginx', 'nginx'])
    const after = await client.get(resources.deployments, 'web', 'shop')
    expect(after.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
  }))

test('what a deleted owner leaves is collected', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.deployments, deployment(2))
    await client.create(resources.services, service())
    await settle()
    await client.delete(resources.deployments, inShop)
    await client.delete(resources.services, inShop)
    await settle()
    for (const type of [resources.replicaSets, resources.pods, resources.endpointSlices]) {
      expect((await client.list(type, 'shop')).items).toEqual([])
    }
  }))

test('a namespace goes when it is empty, and takes nothing new until then', () =>
  withControllers(async ({ client, settle, logged }) => {
    await client.create(resources.deployments, deployment(2))
    await client.create(
      resources.configMaps,
      object('v1', 'ConfigMap', { name: 'held', namespace: 'shop', finalizers: ['lab/held'] }),
    )
    await settle()
    await client.delete(resources.namespaces, { name: 'shop' })
    await settle()
    const namespace = await client.get(resources.namespaces, 'shop')
    expect(namespace.status.phase).toBe('Terminating')
    await expect(client.create(resources.pods, pod('late'))).rejects.toMatchObject({ code: 403 })
    await client.patch(
      resources.configMaps,
      { name: 'held', namespace: 'shop' },
      { metadata: { finalizers: null } },
    )
    await settle()
    await expect(client.get(resources.namespaces, 'shop')).rejects.toMatchObject({ code: 404 })
    expect(logged).toEqual([])
  }))
