import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { object } from '../api/harness.ts'

const inShop = (name: string) => ({ name, namespace: 'shop' })
const template = (image = 'busybox', spec: object = {}) => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'x', image }], ...spec },
})
const selector = { matchLabels: { app: 'x' } }
const deployment = (spec: object = {}) =>
  object('apps/v1', 'Deployment', inShop('web'), {
    spec: { replicas: 2, selector, template: template(), ...spec },
  })
const podNames = async (client: ApiClient) =>
  (await client.list(resources.pods, 'shop')).items.map(({ metadata }) => metadata.name)
const eventsOf = async (client: ApiClient, kind: string) =>
  (await client.list(resources.events, 'shop')).items
    .filter(({ involvedObject }) => involvedObject.kind === kind)
    .map(({ reason, message }) => `${reason}: ${message}`)

test('a pod whose label is taken away is let go, and another comes for it', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.deployments, deployment())
    await settle()
    const [first = ''] = await podNames(client)
    await client.patch(resources.pods, inShop(first), { metadata: { labels: { app: 'debugged' } } })
    await settle()
    const free = await client.get(resources.pods, first, 'shop')
    expect(free.metadata.ownerReferences).toBeUndefined()
    expect(await podNames(client)).toHaveLength(3)
    // Given back, it is one too many.
    await client.patch(resources.pods, inShop(first), { metadata: { labels: { app: 'x' } } })
    await settle()
    expect(await podNames(client)).toHaveLength(2)
  }))

test('what an orphaning deletion left is taken over by the next of its kind', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.deployments, deployment())
    await settle()
    const before = await podNames(client)
    await client.delete(resources.deployments, inShop('web'), { propagationPolicy: 'Orphan' })
    await settle()
    const [left] = (await client.list(resources.replicaSets, 'shop')).items
    expect(left!.metadata.ownerReferences).toBeUndefined()
    expect(await podNames(client)).toEqual(before)
    const made = await client.create(resources.deployments, deployment())
    await settle()
    const [taken] = (await client.list(resources.replicaSets, 'shop')).items
    expect(taken!.metadata.ownerReferences).toMatchObject([{ uid: made.metadata.uid }])
    expect(await podNames(client)).toEqual(before)
  }))

test('an owner in another namespace is none, which an Event says', () =>
  withControllers(async ({ client, settle }) => {
    const { metadata } = await client.create(
      resources.configMaps,
      object('v1', 'ConfigMap', { name: 'owner', namespace: 'default' }),
    )
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid }
    const owned = { ...inShop('owned'), ownerReferences: [owner] }
    await client.create(resources.configMaps, object('v1', 'ConfigMap', owned))
    await settle()
    await expect(client.get(resources.configMaps, 'owned', 'shop')).rejects.toMatchObject({ code: 404 })
    expect(await eventsOf(client, 'ConfigMap')).toEqual([
      expect.stringContaining(
        'OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: shop, name: owner',
      ),
    ])
  }))

test('a foreground deletion removes the pods before their owner', () =>
  withControllers(async ({ client, settle }) => {
    const order: string[] = []
    for (const type of [resources.pods, resources.deployments])
      client.inform(type, ({ type: change, object: { kind } }) => {
        if (change === 'DELETED') order.push(kind)
      })
    await client.create(resources.deployments, deployment())
    await settle()
    await client.delete(resources.deployments, inShop('web'), { propagationPolicy: 'Foreground' })
    await settle()
    expect(order).toEqual(['Pod', 'Pod', 'Deployment'])
  }))

test('a rollout tells of its steps, and what it has come to', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.deployments, deployment())
    await settle()
    await client.patch(resources.deployments, inShop('web'), { spec: { template: template('nginx') } })
    await settle()
    const [old, next] = (await client.list(resources.replicaSets, 'shop')).items
      .sort((one, other) => one.spec.replicas - other.spec.replicas)
      .map(({ metadata }) => metadata.name)
    expect(await eventsOf(client, 'Deployment')).toEqual(
      expect.arrayContaining([
        `ScalingReplicaSet: Scaled up replica set ${old} from 0 to 2`,
        `ScalingReplicaSet: Scaled up replica set ${next} from 0 to 1`,
        `ScalingReplicaSet: Scaled down replica set ${old} from 2 to 1`,
        `ScalingReplicaSet: Scaled up replica set ${next} from 1 to 2`,
        `ScalingReplicaSet: Scaled down replica set ${old} from 1 to 0`,
      ]),
    )
    const { status } = await client.get(resources.deployments, 'web', 'shop')
    expect(status.conditions).toMatchObject([
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `ReplicaSet "${next}" has successfully progressed.`,
      },
    ])
  }))

test('Recreate lets nothing new come before the last old pod is gone', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.deployments, deployment({ strategy: { type: 'Recreate' } }))
    await settle()
    const [held = ''] = await podNames(client)
    await client.patch(resources.pods, inShop(held), { metadata: { finalizers: ['lab/held'] } })
    await client.patch(resources.deployments, inShop('web'), { spec: { template: template('nginx') } })
    await settle()
    expect(await podNames(client)).toEqual([held])
    await client.patch(resources.pods, inShop(held), { metadata: { finalizers: null } })
    await settle()
    const { items } = await client.list(resources.pods, 'shop')
    expect(items.map(({ spec }) => spec.containers[0].image)).toEqual(['nginx', 'nginx'])
  }))

test('a pod that cannot be made is told by the ReplicaSet and the Deployment', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(
      resources.deployments,
      deployment({ template: template('busybox', { serviceAccountName: 'nobody' }) }),
    )
    await settle()
    const { status } = await client.get(resources.deployments, 'web', 'shop')
    expect(status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: expect.stringContaining('serviceaccount "nobody" not found'),
      }),
    )
  }))

test('claims go with their set, or with a pod that is scaled away, where the set says so', () =>
  withControllers(async ({ client, settle }) => {
    const volumeClaimTemplates = [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ]
    const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Delete' }
    const spec = { replicas: 3, selector, template: template(), serviceName: 'db', volumeClaimTemplates }
    await client.create(
      resources.statefulSets,
      object('apps/v1', 'StatefulSet', inShop('db'), {
        spec: { ...spec, persistentVolumeClaimRetentionPolicy },
      }),
    )
    await settle()
    const claims = async () =>
      (await client.list(resources.persistentVolumeClaims, 'shop')).items.map(({ metadata }) => metadata.name)
    expect(await claims()).toEqual(['data-db-0', 'data-db-1', 'data-db-2'])
    expect(await eventsOf(client, 'StatefulSet')).toEqual(
      expect.arrayContaining([
        'SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success',
        'SuccessfulCreate: create Pod db-0 in StatefulSet db successful',
      ]),
    )
    await client.patch(resources.statefulSets, inShop('db'), { spec: { replicas: 2 } })
    await settle()
    expect(await claims()).toEqual(['data-db-0', 'data-db-1'])
    await client.delete(resources.statefulSets, inShop('db'))
    await settle()
    expect(await claims()).toEqual([])
  }))

test('an update of a StatefulSet stops at its partition', () =>
  withControllers(async ({ client, settle }) => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
    const spec = { replicas: 3, selector, template: template(), serviceName: 'db', updateStrategy }
    await client.create(resources.statefulSets, object('apps/v1', 'StatefulSet', inShop('db'), { spec }))
    await settle()
    const images = async () =>
      (await client.list(resources.pods, 'shop')).items.map((pod) => pod.spec.containers[0].image)
    await client.patch(resources.statefulSets, inShop('db'), { spec: { template: template('nginx') } })
    await settle()
    expect(await images()).toEqual(['busybox', 'busybox', 'nginx'])
    await client.delete(resources.pods, inShop('db-0'))
    await settle()
    expect(await images()).toEqual(['busybox', 'busybox', 'nginx'])
    await client.patch(resources.statefulSets, inShop('db'), {
      spec: { updateStrategy: { rollingUpdate: { partition: 0 } } },
    })
    await settle()
    expect(await images()).toEqual(['nginx', 'nginx', 'nginx'])
  }))

test('a partition counts from the first ordinal', () =>
  withControllers(async ({ client, settle }) => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
    const spec = { replicas: 2, selector, template: template(), serviceName: 'db', updateStrategy }
    const ordinals = { start: 5 }
    await client.create(
      resources.statefulSets,
      object('apps/v1', 'StatefulSet', inShop('db'), { spec: { ...spec, ordinals } }),
    )
    await settle()
    await client.patch(resources.statefulSets, inShop('db'), { spec: { template: template('nginx') } })
    await settle()
    const pods = (await client.list(resources.pods, 'shop')).items
    expect(pods.map(({ metadata, spec }) => [metadata.name, spec.containers[0].image])).toEqual([
      ['db-5', 'busybox'],
      ['db-6', 'nginx'],
    ])
  }))
