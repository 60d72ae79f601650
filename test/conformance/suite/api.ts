import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ApiException,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  NetworkingV1Api,
  PatchStrategy,
  Watch,
} from '@kubernetes/client-node'
import type { Part } from '../backend.ts'

const namespace = 'shop'
const map = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: { suite: 'api' } },
  data,
})
/** A reference, as the client's types want it. */
const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } })

export const api: Part = (world) => {
  let config: KubeConfig
  let core: CoreV1Api
  let objects: KubernetesObjectApi
  beforeAll(() => {
    config = new KubeConfig()
    config.loadFromString(world().cluster.kubeconfig)
    core = config.makeApiClient(CoreV1Api)
    objects = KubernetesObjectApi.makeApiClient(config)
  })

  test('creates, reads, lists by label, replaces and deletes', async () => {
    const created: KubernetesObject = await objects.create(map('crud', { a: '1' }))
    expect(created.metadata).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: expect.anything(),
    })
    const { items, metadata } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'suite=api' })
    expect(items.map((item) => item.metadata!.name)).toContain('crud')
    expect(Number(metadata!.resourceVersion)).toBeGreaterThanOrEqual(
      Number(created.metadata!.resourceVersion),
    )
    const replaced = await objects.replace({ ...created, data: { b: '2' } } as KubernetesObject)
    expect(replaced).toMatchObject({ data: { b: '2' }, metadata: { uid: created.metadata!.uid } })
    await objects.delete(ref('crud'))
    expect(await failure(objects.read(ref('crud')))).toMatchObject({ code: 404 })
  })

  test('an error is a Status that says what, of which object, and in which field', async () => {
    await objects.create(map('twice'))
    expect(await failure(objects.create(map('twice')))).toMatchObject({
      code: 409,
      status: {
        kind: 'Status',
        status: 'Failure',
        reason: 'AlreadyExists',
        details: { name: 'twice', kind: 'configmaps' },
      },
    })
    await objects.delete(ref('twice'))
    expect(await failure(objects.read(ref('never')))).toMatchObject({
      code: 404,
      status: { reason: 'NotFound', message: 'configmaps "never" not found' },
    })
    expect(await failure(objects.create(map('No_Name')))).toMatchObject({
      code: 422,
      status: {
        reason: 'Invalid',
        details: { causes: [expect.objectContaining({ field: 'metadata.name' })] },
      },
    })
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'empty', namespace },
      spec: { containers: [] },
    }
    expect(await failure(objects.create(pod as KubernetesObject))).toMatchObject({
      code: 422,
      status: { details: { causes: [expect.objectContaining({ field: 'spec.containers' })] } },
    })
    expect(
      await failure(objects.create({ ...map('lost'), metadata: { name: 'lost', namespace: 'nowhere' } })),
    ).toMatchObject({
      code: 404,
      status: { details: { name: 'nowhere' } },
    })
  })

  test('a replacement of an object that has changed meanwhile is a conflict', async () => {
    const first = await objects.create(map('race', { a: '1' }))
    await objects.replace({ ...first, data: { a: '2' } } as KubernetesObject)
    expect(await failure(objects.replace({ ...first, data: { a: '3' } } as KubernetesObject))).toMatchObject({
      code: 409,
      status: { reason: 'Conflict' },
    })
    await objects.delete(ref('race'))
  })

  test('a watch tells every change once, in order, from the version it was begun at', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace })
    const seen: string[] = []
    const told = new Promise<void>((resolve, reject) => {
      const path = `/api/v1/namespaces/${namespace}/configmaps`
      const query = { resourceVersion: metadata!.resourceVersion, labelSelector: 'suite=api' }
      const onEvent = (type: string, { data }: ReturnType<typeof map>) => {
        seen.push(`${type} ${data?.a}`)
        if (type === 'DELETED') resolve()
      }
      new Watch(config)
        .watch(path, query, onEvent, (error) => error && reject(error))
        .then((controller) => told.finally(() => controller.abort()).catch(() => undefined), reject)
    })
    await objects.create(map('watched', { a: '1' }))
    await objects.patch(
      { ...ref('watched'), data: { a: '2' } } as KubernetesObject,
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    )
    await objects.delete(ref('watched'))
    await told
    expect(seen).toEqual(['ADDED 1', 'MODIFIED 2', 'DELETED 2'])
  })

  test('a merge patch changes what it names, and null takes away', async () => {
    await objects.create(map('merged', { keep: '1', change: '1', drop: '1' }))
    const patch = {
      ...ref('merged'),
      data: { change: '2', drop: null, add: '1' },
    } as unknown as KubernetesObject
    const merged = await objects.patch(
      patch,
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    )
    expect(merged).toMatchObject({ data: { keep: '1', change: '2', add: '1' } })
    expect((merged as { data?: object }).data).not.toHaveProperty('drop')
    await objects.delete(ref('merged'))
  })

  test('server-side apply owns fields: what an owner leaves out goes, what others own is a conflict', async () => {
    const apply = (data: Record<string, string>, manager: string, force = false) =>
      objects.patch(
        { ...ref('applied'), data } as KubernetesObject,
        undefined,
        undefined,
        manager,
        force,
        PatchStrategy.ServerSideApply,
      )
    await apply({ a: '1', b: '1' }, 'one')
    await apply({ c: '1' }, 'two')
    expect(await apply({ a: '2' }, 'one')).toMatchObject({ data: { a: '2', c: '1' } })
    expect(await failure(apply({ c: '9' }, 'one'))).toMatchObject({
      code: 409,
      status: {
        reason: 'Conflict',
        details: { causes: [expect.objectContaining({ reason: 'FieldManagerConflict', field: '.data.c' })] },
      },
    })
    const forced = await apply({ c: '9' }, 'one', true)
    expect((forced as { data?: object }).data).toEqual({ c: '9' })
    expect(forced.metadata!.managedFields!.map(({ manager }) => manager)).toEqual(['one'])
    await objects.delete(ref('applied'))
  })

  test('an element of a list that is applied twice is refused', async () => {
    const ports = [{ containerPort: 81 }, { containerPort: 81, name: 'b' }]
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'dup', namespace },
      spec: { containers: [{ name: 'main', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', ports }] },
    }
    const applied = objects.patch(
      pod as KubernetesObject,
      undefined,
      'All',
      'suite',
      undefined,
      PatchStrategy.ServerSideApply,
    )
    expect(await failure(applied)).toMatchObject({
      code: 500,
      status: {
        message: `failed to create typed patch object (${namespace}/dup; /v1, Kind=Pod): .spec.containers[name="main"].ports: duplicate entries for key [containerPort=81,protocol="TCP"]`,
      },
    })
  })

  test('what is left out gets its default', async () => {
    const pod = await core.readNamespacedPod({ name: 'client', namespace })
    expect(pod.spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
    })
    const service = await core.readNamespacedService({ name: 'web', namespace })
    expect(service.spec).toMatchObject({
      type: 'ClusterIP',
      clusterIP: expect.stringMatching(/^10\.96\./),
      ports: [{ port: 8080, protocol: 'TCP', targetPort: 80 }],
    })
    const policy = await config.makeApiClient(NetworkingV1Api).createNamespacedNetworkPolicy({
      namespace,
      body: {
        metadata: { name: 'defaults' },
        spec: { podSelector: { matchLabels: { app: 'x' } }, egress: [{ ports: [{ port: 80 }] }] },
      },
      dryRun: 'All',
    })
    expect(policy.spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ port: 80, protocol: 'TCP' }] }],
    })
  })

  test('a namespace takes all that is in it along', async () => {
    await core.createNamespace({ body: { metadata: { name: 'short-lived' } } })
    await objects.create({ ...map('inside'), metadata: { name: 'inside', namespace: 'short-lived' } })
    await world().kube.delete([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'short-lived' } }])
    expect(await failure(core.readNamespace({ name: 'short-lived' }))).toMatchObject({ code: 404 })
    expect((await core.listNamespacedConfigMap({ namespace: 'short-lived' })).items).toEqual([])
  })

  test('logs are what the container printed, all or the end of it', async () => {
    const command = ['sh', '-c', 'echo one; echo two >&2; echo three; exit 0']
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'talks', namespace },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', command }],
      },
    }
    const { kube } = world()
    await kube.apply([pod])
    // Ready, it has begun; what it says is complete when it has ended.
    while ((await kube.get('v1', 'Pod', 'talks', namespace))?.status.phase !== 'Succeeded') await sleep(100)
    const log = await core.readNamespacedPodLog({ name: 'talks', namespace })
    expect(log.trim().split('\n').sort()).toEqual(['one', 'three', 'two'])
    expect(await core.readNamespacedPodLog({ name: 'talks', namespace, tailLines: 1 })).toMatch(
      /^(two|three)\n$/,
    )
    expect(
      await failure(core.readNamespacedPodLog({ name: 'talks', namespace, container: 'nope' })),
    ).toMatchObject({ code: 400, status: { reason: 'BadRequest' } })
    await kube.delete([pod])
  })
}

/** What an API call that must fail answered. */
async function failure(call: Promise<unknown>): Promise<{ code: number; status: object }> {
  try {
    await call
  } catch (error) {
    const { code, body } = error as ApiException<unknown>
    return { code, status: typeof body === 'string' ? (JSON.parse(body) as object) : (body as object) }
  }
  throw new Error('it did not fail')
}
