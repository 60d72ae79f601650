import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { object } from '../api/harness.ts'

const inShop = (name: string) => ({ name, namespace: 'shop' })
const pod = (name: string, spec: object = {}, metadata: object = {}) =>
  object(
    'v1',
    'Pod',
    { ...inShop(name), ...metadata },
    {
      spec: { containers: [{ name: 'x', image: 'busybox' }], ...spec },
    },
  )
const names = async (client: ApiClient) =>
  (await client.list(resources.pods, 'shop')).items.map(({ metadata }) => metadata.name)
const taint = (client: ApiClient, name: string, taints: object[]) =>
  client.patch(resources.nodes, { name }, { spec: { taints } })

test('a taint NoExecute drives out who does not tolerate it, and others when their time is over', () =>
  withControllers(async ({ client, settle }) => {
    const on = { nodeName: 'node-1' }
    const tolerating = (tolerationSeconds?: number) => ({
      tolerations: [{ key: 'broken', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }],
    })
    await client.create(resources.pods, pod('plain', on))
    await client.create(resources.pods, pod('patient', { ...on, ...tolerating() }))
    await client.create(resources.pods, pod('soon', { ...on, ...tolerating(0) }))
    await client.create(resources.pods, pod('late', { ...on, ...tolerating(3600) }))
    await settle()
    await taint(client, 'node-1', [{ key: 'broken', effect: 'NoExecute' }])
    await settle()
    expect(await names(client)).toEqual(['late', 'patient'])
    const events = (await client.list(resources.events, 'shop')).items.map(({ message }) => message)
    expect(events).toContain('Marking for deletion Pod shop/plain')
    await taint(client, 'node-1', [])
    await settle()
    const later = (await client.list(resources.events, 'shop')).items.map(({ message }) => message)
    expect(later).toContain('Cancelling deletion of Pod shop/late')
  }))

test('a cordoned node has the taint that says so, and loses it', () =>
  withControllers(async ({ client, settle }) => {
    await client.patch(resources.nodes, { name: 'node-1' }, { spec: { unschedulable: true } })
    await settle()
    const taints = async () => (await client.get(resources.nodes, 'node-1')).spec.taints
    expect(await taints()).toMatchObject([{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }])
    await client.patch(resources.nodes, { name: 'node-1' }, { spec: { unschedulable: null } })
    await settle()
    expect(await taints()).toBeUndefined()
  }))

test('a pod of higher priority takes the place of one of lower', () =>
  withControllers(async ({ client, settle }) => {
    for (const name of ['node-1', 'node-2'])
      await client.patch(
        resources.nodes,
        { name },
        { status: { allocatable: { cpu: '1', pods: '10' } } },
        'status',
      )
    for (const [name, value] of Object.entries({ low: 1, high: 10 }))
      await client.create(
        resources.priorityClasses,
        object('scheduling.k8s.io/v1', 'PriorityClass', { name }, { value }),
      )
    const asking = (priorityClassName: string) => ({
      priorityClassName,
      containers: [{ name: 'x', image: 'busybox', resources: { requests: { cpu: '600m' } } }],
    })
    await client.create(resources.pods, pod('one', asking('high')))
    await client.create(resources.pods, pod('two', asking('low')))
    await settle()
    const { spec } = await client.create(resources.pods, pod('three', asking('high')))
    expect(spec.priority).toBe(10)
    await settle()
    expect(await names(client)).toEqual(['one', 'three'])
    const { metadata } = await client.get(resources.pods, 'three', 'shop')
    const events = (await client.list(resources.events, 'shop')).items
    expect(events.find(({ reason }) => reason === 'Preempted')?.message).toBe(
      `Preempted by pod ${metadata.uid} on node node-2`,
    )
    await client.create(resources.pods, pod('four', asking('high')))
    await settle()
    const refused = (await client.list(resources.events, 'shop')).items.find(
      ({ reason, involvedObject }) => reason === 'FailedScheduling' && involvedObject.name === 'four',
    )
    expect(refused?.message).toBe(
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    )
  }))

test('a pod that names a claim which is not there waits for it', () =>
  withControllers(async ({ client, settle }) => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
    await client.create(resources.pods, pod('db', { volumes }))
    await settle()
    const { status } = await client.get(resources.pods, 'db', 'shop')
    expect(status.conditions[0].message).toMatch(
      /^0\/2 nodes are available: persistentvolumeclaim "data" not found\./,
    )
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    await client.create(
      resources.persistentVolumeClaims,
      object('v1', 'PersistentVolumeClaim', inShop('data'), { spec }),
    )
    await settle()
    expect((await client.get(resources.pods, 'db', 'shop')).status.phase).toBe('Running')
  }))

test('a Service has Endpoints beside its slices, and slices for Endpoints that somebody wrote', () =>
  withControllers(async ({ client, settle }) => {
    const ports = [{ port: 80, targetPort: 8080 }]
    const service = (name: string, spec: object) => object('v1', 'Service', inShop(name), { spec })
    await client.create(resources.services, service('web', { selector: { app: 'x' }, ports }))
    await client.create(resources.services, service('outside', { ports }))
    await client.create(resources.pods, pod('a', {}, { labels: { app: 'x' } }))
    const written = { subsets: [{ addresses: [{ ip: '203.0.113.9' }], ports: [{ port: 5432 }] }] }
    await client.create(resources.endpoints, object('v1', 'Endpoints', inShop('outside'), written))
    await settle()
    const { subsets } = await client.get(resources.endpoints, 'web', 'shop')
    expect(subsets).toMatchObject([
      {
        addresses: [{ ip: '192.168.0.1', targetRef: { name: 'a' } }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ])
    const slices = (await client.list(resources.endpointSlices, 'shop')).items
    const mirrored = slices.find(
      ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'outside',
    )
    expect(mirrored).toMatchObject({
      endpoints: [{ addresses: ['203.0.113.9'], conditions: { ready: true } }],
      ports: [{ port: 5432, protocol: 'TCP' }],
    })
    // At once, so that the second change meets a controller that has not seen what it wrote for the first.
    const change = (ip: string) =>
      client.patch(resources.endpoints, inShop('outside'), { subsets: [{ addresses: [{ ip }] }] })
    await change('2001:db8::9')
    await change('2001:db8::a')
    await settle()
    const left = (await client.list(resources.endpointSlices, 'shop')).items.filter(
      ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'outside',
    )
    expect(left).toMatchObject([{ addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::a'] }] }])
    await client.delete(resources.services, inShop('web'))
    await settle()
    await expect(client.get(resources.endpoints, 'web', 'shop')).rejects.toMatchObject({ code: 404 })
  }))

test('a namespace that cannot go says what is left in it', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(
      resources.configMaps,
      object('v1', 'ConfigMap', { ...inShop('held'), finalizers: ['lab/held'] }),
    )
    await client.delete(resources.namespaces, { name: 'shop' })
    await settle()
    const { status } = await client.get(resources.namespaces, 'shop')
    const messages = status.conditions.map(({ message }: { message: string }) => message)
    expect(messages).toContain('Some resources are remaining: configmaps. has 1 resource instances')
    expect(messages).toContain(
      'Some content in the namespace has finalizers remaining: lab/held in 1 resource instances',
    )
  }))

test('what every cluster and namespace has comes back when it is deleted', () =>
  withControllers(async ({ client, settle }) => {
    const service = { name: 'kubernetes', namespace: 'default' }
    const before = await client.get(resources.services, 'kubernetes', 'default')
    for (const type of [resources.services, resources.endpoints, resources.endpointSlices])
      await client.delete(type, service)
    await client.delete(resources.configMaps, inShop('kube-root-ca.crt'))
    await client.delete(resources.serviceAccounts, inShop('default'))
    await settle()
    const after = await client.get(resources.services, 'kubernetes', 'default')
    expect(after.spec.clusterIP).toBe(before.spec.clusterIP)
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    for (const type of [resources.endpoints, resources.endpointSlices])
      expect(await client.get(type, 'kubernetes', 'default')).toBeDefined()
    for (const [type, name] of [
      [resources.configMaps, 'kube-root-ca.crt'],
      [resources.serviceAccounts, 'default'],
    ] as const)
      expect(await client.get(type, name, 'shop')).toBeDefined()
  }))
