import { planUpdate } from '../../../../src/embedded/controllers/daemon-update.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { object } from '../api/harness.ts'

const set = (rollingUpdate: object) =>
  object('apps/v1', 'DaemonSet', { name: 'agent' }, { spec: { updateStrategy: { rollingUpdate } } })
const pod = (name: string, hash: 'old' | 'new', ready = true) =>
  object(
    'v1',
    'Pod',
    { name, labels: { 'controller-revision-hash': hash } },
    {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    },
  )
const plan = (rollingUpdate: object, nodes: Record<string, KubernetesObject[]>) => {
  const { remove, create } = planUpdate(set(rollingUpdate), new Map(Object.entries(nodes)), 'new')
  return { remove: remove.map(({ metadata }) => metadata.name), create }
}

test('as many old pods go as may be unavailable, and those that are not available go anyway', () => {
  const nodes = {
    a: [pod('a', 'old')],
    b: [pod('b', 'old')],
    c: [pod('c', 'old', false)],
    d: [pod('d', 'new')],
  }
  expect(plan({ maxUnavailable: 1 }, nodes)).toEqual({ remove: ['c'], create: [] })
  expect(plan({ maxUnavailable: '50%' }, nodes)).toEqual({ remove: ['c', 'a'], create: [] })
})

test('nothing goes while a new pod is on its way', () => {
  expect(plan({ maxUnavailable: 1 }, { a: [pod('a', 'new', false)], b: [pod('b', 'old')] })).toEqual({
    remove: [],
    create: [],
  })
})

test('with a surge the new pod comes first, and the old one goes once it is there', () => {
  const surge = { maxSurge: 1, maxUnavailable: 0 }
  const begun = { a: [pod('a', 'old')], b: [pod('b', 'old')] }
  expect(plan(surge, begun)).toEqual({ remove: [], create: ['a'] })
  const onTheWay = { a: [pod('a', 'old'), pod('a2', 'new', false)], b: [pod('b', 'old')] }
  expect(plan(surge, onTheWay)).toEqual({ remove: [], create: [] })
  const there = { a: [pod('a', 'old'), pod('a2', 'new')], b: [pod('b', 'old')] }
  expect(plan(surge, there)).toEqual({ remove: ['a'], create: ['b'] })
})
