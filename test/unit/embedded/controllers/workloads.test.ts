import { resources } from '../../../../src/embedded/api-client/index.ts'
import { withControllers } from '../../../support/control-plane.ts'
import { object } from '../api/harness.ts'

const inShop = (name: string) => ({ name, namespace: 'shop' })
const template = (image = 'busybox', spec: object = {}) => ({
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'x', image }], ...spec },
})
const selector = { matchLabels: { app: 'x' } }
const statefulSet = (spec: object = {}) =>
  object('apps/v1', 'StatefulSet', inShop('db'), {
    spec: { serviceName: 'db', replicas: 3, selector, template: template(), ...spec },
  })
const daemonSet = (spec: object = {}) =>
  object('apps/v1', 'DaemonSet', inShop('agent'), { spec: { selector, template: template(), ...spec } })
const job = (spec: object = {}) =>
  object('batch/v1', 'Job', inShop('once'), {
    spec: { template: template('busybox', { restartPolicy: 'Never' }), ...spec },
  })

test("a StatefulSet's pods have names, hosts and numbers that stay", () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.statefulSets, statefulSet())
    await settle()
    const { items } = await client.list(resources.pods, 'shop')
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1', 'db-2'])
    expect(items[1]!.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' })
    expect(items[1]!.metadata.labels).toMatchObject({
      'apps.kubernetes.io/pod-index': '1',
      'statefulset.kubernetes.io/pod-name': 'db-1',
    })
    const uid = items[1]!.metadata.uid
    await client.delete(resources.pods, inShop('db-1'))
    await settle()
    const again = await client.get(resources.pods, 'db-1', 'shop')
    expect(again.metadata.uid).not.toBe(uid)
  }))

test('a StatefulSet scales down from its last pod, and an update replaces every pod', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.statefulSets, statefulSet())
    await settle()
    await client.patch(resources.statefulSets, inShop('db'), { spec: { replicas: 2 } })
    await settle()
    expect((await client.list(resources.pods, 'shop')).items.map(({ metadata }) => metadata.name)).toEqual([
      'db-0',
      'db-1',
    ])
    await client.patch(resources.statefulSets, inShop('db'), { spec: { template: template('busybox:2') } })
    await settle()
    const { items } = await client.list(resources.pods, 'shop')
    expect(items.map(({ spec }) => spec.containers[0].image)).toEqual(['busybox:2', 'busybox:2'])
    const { status } = await client.get(resources.statefulSets, 'db', 'shop')
    expect(status).toMatchObject({ replicas: 2, readyReplicas: 2, updatedReplicas: 2 })
    expect(status.currentRevision).toBe(status.updateRevision)
    expect((await client.list(resources.controllerRevisions, 'shop')).items).toHaveLength(2)
  }))

test('a DaemonSet has one pod on each node that it fits, and one more where a node comes to fit', () =>
  withControllers(async ({ client, settle }) => {
    const taints = [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }]
    await client.patch(resources.nodes, { name: 'node-2' }, { spec: { taints } })
    await client.create(resources.daemonSets, daemonSet())
    await settle()
    const nodesOf = async () =>
      (await client.list(resources.pods, 'shop')).items.map(({ spec }) => spec.nodeName).sort()
    expect(await nodesOf()).toEqual(['node-1'])
    await client.patch(resources.nodes, { name: 'node-2' }, { spec: { taints: [] } })
    await settle()
    expect(await nodesOf()).toEqual(['node-1', 'node-2'])
    const { status } = await client.get(resources.daemonSets, 'agent', 'shop')
    expect(status).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2, numberAvailable: 2 })
    await client.patch(resources.daemonSets, inShop('agent'), { spec: { template: template('busybox:2') } })
    await settle()
    const { items } = await client.list(resources.pods, 'shop')
    expect(items.map(({ spec }) => spec.containers[0].image)).toEqual(['busybox:2', 'busybox:2'])
  }))

test('a Job makes pods until as many have succeeded as it asks for', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.jobs, job({ completions: 3, parallelism: 2 }))
    await settle()
    const running = async () =>
      (await client.list(resources.pods, 'shop')).items.filter(({ status }) => status.phase === 'Running')
    const end = async (phase: string) => {
      for (const pod of await running())
        await client.patch(resources.pods, inShop(pod.metadata.name), { status: { phase } }, 'status')
      await settle()
    }
    expect(await running()).toHaveLength(2)
    await end('Succeeded')
    expect(await running()).toHaveLength(1)
    await end('Succeeded')
    const { status } = await client.get(resources.jobs, 'once', 'shop')
    expect(status).toMatchObject({ succeeded: 3, ready: 0 })
    expect(status.conditions.map(({ type }: { type: string }) => type)).toEqual([
      'SuccessCriteriaMet',
      'Complete',
    ])
  }))

test('a Job that fails more often than it may has failed', () =>
  withControllers(async ({ client, settle }) => {
    await client.create(resources.jobs, job({ backoffLimit: 0 }))
    await settle()
    const [pod] = (await client.list(resources.pods, 'shop')).items
    await client.patch(resources.pods, inShop(pod!.metadata.name), { status: { phase: 'Failed' } }, 'status')
    await settle()
    const { status } = await client.get(resources.jobs, 'once', 'shop')
    expect(status.conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'BackoffLimitExceeded' })
  }))

test('a Deployment that is paused does not roll; one that goes back takes a new revision', () =>
  withControllers(async ({ client, settle }) => {
    const of = (image: string) => ({ spec: { template: template(image) } })
    const web = inShop('web')
    await client.create(
      resources.deployments,
      object('apps/v1', 'Deployment', web, {
        spec: { replicas: 1, selector, template: template('busybox:1') },
      }),
    )
    await settle()
    const images = async () =>
      (await client.list(resources.pods, 'shop')).items.map(({ spec }) => spec.containers[0].image)
    await client.patch(resources.deployments, web, {
      spec: { paused: true, template: template('busybox:2') },
    })
    await settle()
    expect(await images()).toEqual(['busybox:1'])
    await client.patch(resources.deployments, web, { spec: { paused: false } })
    await settle()
    expect(await images()).toEqual(['busybox:2'])
    await client.patch(resources.deployments, web, of('busybox:1'))
    await settle()
    expect(await images()).toEqual(['busybox:1'])
    const { metadata } = await client.get(resources.deployments, 'web', 'shop')
    expect(metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3')
    expect((await client.list(resources.replicaSets, 'shop')).items).toHaveLength(2)
  }))
