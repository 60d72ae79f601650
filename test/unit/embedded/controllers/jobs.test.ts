import { type ApiClient, resources } from '../../../../src/embedded/api-client/index.ts'
import { type World, withControllers } from '../../../support/control-plane.ts'
import { object } from '../api/harness.ts'

const inShop = (name: string) => ({ name, namespace: 'shop' })
const job = (spec: object = {}) =>
  object('batch/v1', 'Job', inShop('once'), {
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'x', image: 'busybox' }] } },
      ...spec,
    },
  })
const podsOf = async (client: ApiClient) => (await client.list(resources.pods, 'shop')).items
const statusOf = async (client: ApiClient) => (await client.get(resources.jobs, 'once', 'shop')).status

/** Ends all pods that run, with an exit code. */
async function end({ client, settle }: World, exitCode: number): Promise<void> {
  for (const { metadata, status } of await podsOf(client)) {
    if (status.phase !== 'Running') continue
    const terminated = { exitCode, startedAt: null, finishedAt: '2020-01-01T00:00:00Z' }
    const containerStatuses = [
      { name: 'x', image: 'busybox', imageID: '', ready: false, restartCount: 0, state: { terminated } },
    ]
    const phase = exitCode === 0 ? 'Succeeded' : 'Failed'
    await client.patch(
      resources.pods,
      inShop(metadata.name),
      { status: { phase, containerStatuses } },
      'status',
    )
  }
  await settle()
}

test('a pod is held until it is counted: one that is deleted at once counts all the same', () =>
  withControllers(async (world) => {
    const { client, settle } = world
    await client.create(resources.jobs, job({ completions: 2, parallelism: 1 }))
    await settle()
    const [pod] = await podsOf(client)
    expect(pod!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
    await client.patch(
      resources.pods,
      inShop(pod!.metadata.name),
      { status: { phase: 'Succeeded' } },
      'status',
    )
    await client.delete(resources.pods, inShop(pod!.metadata.name), { gracePeriodSeconds: 0 })
    await settle()
    expect(await statusOf(client)).toMatchObject({ succeeded: 1, active: 1 })
    await end(world, 0)
    expect(await statusOf(client)).toMatchObject({ succeeded: 2, uncountedTerminatedPods: {} })
    expect((await podsOf(client)).every(({ metadata }) => !metadata.finalizers)).toBe(true)
  }))

test('a Job that goes leaves no pod held', () =>
  withControllers(async ({ client, settle }) => {
    for (const propagationPolicy of ['Foreground', 'Background', 'Orphan'] as const) {
      await client.create(resources.jobs, job())
      await settle()
      await client.delete(resources.jobs, inShop('once'), { propagationPolicy })
      await settle()
      const left = await podsOf(client)
      expect(left).toHaveLength(propagationPolicy === 'Orphan' ? 1 : 0)
      expect(left.every(({ metadata }) => !metadata.finalizers)).toBe(true)
    }
  }))

test('suspended, a Job has no pods; resumed, it begins anew', () =>
  withControllers(async (world) => {
    const { client, settle } = world
    await client.create(resources.jobs, job({ suspend: true }))
    await settle()
    expect(await podsOf(client)).toEqual([])
    expect((await statusOf(client)).conditions).toMatchObject([{ type: 'Suspended', status: 'True' }])
    await client.patch(resources.jobs, inShop('once'), { spec: { suspend: false } })
    await settle()
    expect(await podsOf(client)).toHaveLength(1)
    expect((await statusOf(client)).conditions).toMatchObject([{ type: 'Suspended', status: 'False' }])
    await end(world, 0)
    expect((await statusOf(client)).conditions.at(-1)).toMatchObject({ type: 'Complete', status: 'True' })
  }))

test('what a Job sends away has not failed: suspended, or with less parallelism', () =>
  withControllers(async (world) => {
    const { client, settle } = world
    const patch = async (spec: object) => {
      await client.patch(resources.jobs, inShop('once'), { spec })
      await settle()
    }
    await client.create(resources.jobs, job({ parallelism: 3, backoffLimit: 0 }))
    await settle()
    await patch({ parallelism: 1 })
    expect(await podsOf(client)).toHaveLength(1)
    expect((await statusOf(client)).failed).toBeUndefined()
    await patch({ suspend: true })
    expect(await podsOf(client)).toEqual([])
    await patch({ suspend: false })
    expect(await podsOf(client)).toHaveLength(1)
    await patch({ parallelism: 0 })
    expect(await podsOf(client)).toEqual([])
    expect((await statusOf(client)).failed).toBeUndefined()
    await patch({ parallelism: 1 })
    await end(world, 0)
    expect((await statusOf(client)).conditions.at(-1)).toMatchObject({ type: 'Complete', status: 'True' })
  }))

test('a pod that fails in place fails its Job at the backoffLimit-th restart', () =>
  withControllers(async ({ client, settle }) => {
    const template = { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'x', image: 'busybox' }] } }
    await client.create(resources.jobs, job({ backoffLimit: 2, template }))
    await settle()
    const [pod] = await podsOf(client)
    const restarted = async (restartCount: number) => {
      const containerStatuses = [{ name: 'x', image: '', imageID: '', ready: false, restartCount }]
      await client.patch(
        resources.pods,
        inShop(pod!.metadata.name),
        { status: { containerStatuses } },
        'status',
      )
      await settle()
    }
    await restarted(1)
    expect((await statusOf(client)).conditions).toBeUndefined()
    await restarted(2)
    expect((await statusOf(client)).conditions.at(-1)).toMatchObject({ reason: 'BackoffLimitExceeded' })
  }))

const rules = [
  { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
  { action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } },
]

test('podFailurePolicy: one exit code fails the Job, another does not count', () =>
  withControllers(async (world) => {
    const { client, settle } = world
    await client.create(resources.jobs, job({ backoffLimit: 0, podFailurePolicy: { rules } }))
    await settle()
    await end(world, 7)
    expect(await statusOf(client)).toMatchObject({ active: 1 })
    expect((await statusOf(client)).failed).toBeUndefined()
    await end(world, 42)
    const condition = (await statusOf(client)).conditions.at(-1)
    expect(condition).toMatchObject({ type: 'Failed', reason: 'PodFailurePolicy' })
    expect(condition.message).toMatch(
      /^Container x for pod shop\/once-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
    )
  }))

test('the pods of an Indexed Job know their number', () =>
  withControllers(async (world) => {
    const { client, settle } = world
    await client.create(resources.jobs, job({ completionMode: 'Indexed', completions: 3, parallelism: 3 }))
    await settle()
    const pods = await podsOf(client)
    expect(pods.map(({ spec }) => spec.hostname).sort()).toEqual(['once-0', 'once-1', 'once-2'])
    expect(pods.every(({ metadata }) => /^once-[012]-\w{5}$/.test(metadata.name))).toBe(true)
    await end(world, 0)
    expect(await statusOf(client)).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
  }))
