import { type ResourceType, resources } from '../../../../src/embedded/api-client/index.ts'
import { object, pod, withApi } from './harness.ts'

const ref = { name: 'web', namespace: 'shop' }
const labels = { app: 'web' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'busybox' }] } }

/** Makes an object, and says what an API server has against each change of its spec; null where it takes it. */
function refusals(type: ResourceType, made: ReturnType<typeof object>, changes: object[]) {
  const said: (string | null)[] = []
  return withApi(async ({ client }) => {
    await client.create(type, made)
    for (const spec of changes) {
      const change = client.patch(type, ref, { spec })
      const message = await change.then(
        () => null,
        (error: Error) => error.message,
      )
      said.push(message?.slice(message.indexOf('invalid: ') + 'invalid: '.length) ?? null)
    }
  }).then(() => said)
}

test('of a pod that runs, a deadline may be brought forward and tolerations may be added', async () => {
  const [sooner, later, never, more, fewer, grace] = await refusals(
    resources.pods,
    pod('web', { activeDeadlineSeconds: 100 }),
    [
      { activeDeadlineSeconds: 50 },
      { activeDeadlineSeconds: 60 },
      { activeDeadlineSeconds: null },
      { tolerations: [{ key: 'a', operator: 'Exists' }] },
      { tolerations: [{ key: 'b', operator: 'Exists' }] },
      { terminationGracePeriodSeconds: 5 },
    ],
  )
  expect([sooner, later, never]).toEqual([
    null,
    'spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value',
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ])
  // A merge patch puts its list in place of the other; what every pod tolerates is added again.
  expect(more).toBeNull()
  expect(fewer).toMatch(/^spec.tolerations: Forbidden: existing toleration can not be modified/)
  expect(grace).toMatch(/^spec: Forbidden: pod updates may not change fields other than/)
})

test('of a StatefulSet, only what its pods are not known by may change', async () => {
  const spec = { serviceName: 'web', selector: { matchLabels: labels }, template }
  const said = await refusals(resources.statefulSets, object('apps/v1', 'StatefulSet', ref, { spec }), [
    { replicas: 2, minReadySeconds: 3 },
    { serviceName: 'other' },
    { podManagementPolicy: 'Parallel' },
  ])
  const refusal = expect.stringMatching(
    /^spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', .* and 'minReadySeconds' are forbidden$/,
  )
  expect(said).toEqual([null, refusal, refusal])
})

test('of a Job, only what its pods do not depend on may change; completions go with parallelism', async () => {
  const spec = { template: { spec: { ...template.spec, restartPolicy: 'Never' } }, completions: 3 }
  const job = (more: object) => object('batch/v1', 'Job', ref, { spec: { ...spec, ...more } })
  expect(
    await refusals(resources.jobs, job({}), [{ parallelism: 2, suspend: true }, { completions: 4 }]),
  ).toEqual([null, 'spec.completions: Invalid value: 4: field is immutable'])
  expect(
    await refusals(resources.jobs, job({ completionMode: 'Indexed' }), [
      { completions: 4, parallelism: 4 },
      { completions: 5 },
    ]),
  ).toEqual([null, 'spec.completions: Invalid value: 5: field is immutable'])
})
