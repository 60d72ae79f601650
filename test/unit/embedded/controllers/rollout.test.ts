import {
  isScaling,
  sizeOfNew,
  stepOfRollout,
  stepOfScaling,
} from '../../../../src/embedded/controllers/rollout.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { object } from '../api/harness.ts'

const deployment = (replicas: number, maxSurge: number | string, maxUnavailable: number | string) =>
  object(
    'apps/v1',
    'Deployment',
    { name: 'web' },
    {
      spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } },
    },
  )

/** `size/available`, noted for a Deployment of `desired` with `most` pods. */
const replicaSet = (name: string, size: number, available = size, noted: [number, number] | null = null) =>
  object(
    'apps/v1',
    'ReplicaSet',
    {
      name,
      annotations: {
        'deployment.kubernetes.io/revision': name.slice(2),
        ...(noted && {
          'deployment.kubernetes.io/desired-replicas': String(noted[0]),
          'deployment.kubernetes.io/max-replicas': String(noted[1]),
        }),
      },
    },
    { spec: { replicas: size }, status: { replicas: size, availableReplicas: available } },
  )
const named = (plan: { replicaSet: KubernetesObject; replicas: number }[]) =>
  plan.map((each) => [each.replicaSet.metadata.name, each.replicas])

test.each([
  ['grows by the surge first', ['25%', '25%'], [0, 0], [10, 10], [['rs2', 3]]],
  ['then shrinks what is available beyond the least', ['25%', '25%'], [3, 0], [10, 10], [['rs1', 8]]],
  ['waits where nothing may go', [1, 0], [1, 0], [10, 10], []],
  ['lets one go for one that came', [1, 0], [1, 1], [10, 10], [['rs1', 9]]],
  ['lets broken pods go first', [0, 3], [0, 0], [10, 8], [['rs1', 7]]],
  ['goes on with neither surge nor unavailable', [0, 0], [0, 0], [10, 10], [['rs1', 9]]],
  ['is over', ['25%', '25%'], [10, 10], [0, 0], []],
] as const)(
  'a rolling update of 10 pods %s',
  (_title, [surge, unavailable], [size, ready], [old, left], plan) => {
    const step = stepOfRollout(deployment(10, surge, unavailable), replicaSet('rs2', size, ready), [
      replicaSet('rs1', old, left),
    ])
    expect(named(step)).toEqual(plan)
  },
)

test('a new ReplicaSet begins as large as the surge allows', () => {
  expect(sizeOfNew(deployment(10, '25%', '25%'), [replicaSet('rs1', 10)])).toBe(3)
  expect(sizeOfNew(deployment(3, '25%', '25%'), [])).toBe(3)
})

test('scaled in the middle of a rollout, each ReplicaSet gets its share', () => {
  const [current, old] = [replicaSet('rs2', 5, 2, [10, 13]), replicaSet('rs1', 8, 8, [10, 13])]
  const larger = deployment(15, 3, 2)
  expect(isScaling(larger, [current, old])).toBe(true)
  expect(named(stepOfScaling(larger, current, [old]))).toEqual([
    ['rs1', 11],
    ['rs2', 7],
  ])
  expect(named(stepOfScaling(deployment(0, 3, 2), current, [old]))).toEqual([
    ['rs1', 0],
    ['rs2', 0],
  ])
})

test('a size that was noted is none that changed', () => {
  expect(isScaling(deployment(10, 3, 2), [replicaSet('rs1', 10, 10, [10, 13])])).toBe(false)
})
