import { newcomersOf, objectsOf } from '../../../../src/policy/exposure/newcomers.ts'
import { buildModel } from '../../../../src/policy/index.ts'
import { gnp, knp, make, pod } from '../small-cluster.ts'

type Objects = Parameters<typeof buildModel>[0]

function told(objects: Objects): [string | null, object, object][] {
  const { newcomers } = newcomersOf(buildModel(objects), objects)
  return newcomers.map(({ namespace, namespaceLabels, labels }) => [namespace, namespaceLabels, labels])
}

const x = make('v1', 'Namespace', { name: 'x', labels: { team: 'a' } })
const y = make('v1', 'Namespace', { name: 'y' })

test('one without labels for any other namespace, and for each that is given or that a pod is in', () => {
  const impostors = [
    make('v1', 'ConfigMap', { name: 'c' }),
    make('example.com/v1', 'Namespace', { name: 'n' }),
  ]
  expect(told([x, y, pod('x/p', 'n1'), pod('z/p', 'n1'), ...impostors])).toEqual([
    [null, {}, {}],
    ['x', {}, {}],
    ['y', {}, {}],
    ['z', {}, {}],
  ])
})

test('labels that a policy means, in the namespaces where it means them', () => {
  const from = [
    { podSelector: { matchLabels: { app: 'b' } } },
    { namespaceSelector: { matchLabels: { team: 'a' } } },
    { namespaceSelector: {}, podSelector: { matchLabels: { app: 'c' } } },
  ]
  expect(told([x, y, knp({ ingress: [{ from }] }), knp({}, 'k', 'unknown')])).toEqual([
    [null, {}, {}],
    ['x', {}, {}],
    ['y', {}, {}],
    ['x', {}, { app: 'a' }],
    ['x', {}, { app: 'b' }],
    [null, { team: 'a' }, {}],
    [null, {}, { app: 'c' }],
  ])
})

test('pods are meant in the namespaces that have every label, and in one that does not exist', () => {
  const peer = (app: string, matchLabels: object) => ({
    namespaceSelector: { matchLabels },
    podSelector: { matchLabels: { app } },
  })
  const from = [peer('d', { team: 'a' }), peer('e', { team: 'a', env: 'b' })]
  const full = make('v1', 'Namespace', { name: 'z', labels: { team: 'a', env: 'b' } })
  const objects = [x, y, full, pod('x/p', 'n1'), knp({ ingress: [{ from }] })]
  expect(
    told(objects).filter(([, , labels]) => ['d', 'e'].includes((labels as { app?: string }).app!)),
  ).toEqual([
    [null, { team: 'a' }, { app: 'd' }],
    ['x', {}, { app: 'd' }],
    ['z', {}, { app: 'd' }],
    [null, { env: 'b', team: 'a' }, { app: 'e' }],
    ['z', {}, { app: 'e' }],
  ])
})

test('no more than 400, and how many were left out', () => {
  const policies = Array.from({ length: 500 }, (_, index) =>
    gnp({ selector: `app == '${index}'` }, `g${index}`),
  )
  const { newcomers, left } = newcomersOf(buildModel(policies), policies)
  expect([newcomers.length, left]).toEqual([400, 101])
})

test('the objects that make them exist', () => {
  const objects = [x, knp({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }] })]
  const { newcomers } = newcomersOf(buildModel(objects), objects)
  expect(objectsOf(newcomers).map(({ kind, metadata }) => [kind, metadata])).toEqual([
    ['Namespace', { name: 'ztlab-newcomers-0', labels: {} }],
    ['Pod', { name: 'ztlab-newcomer-0', namespace: 'ztlab-newcomers-0', labels: {} }],
    ['Pod', { name: 'ztlab-newcomer-1', namespace: 'x', labels: {} }],
    ['Pod', { name: 'ztlab-newcomer-2', namespace: 'x', labels: { app: 'a' } }],
    ['Namespace', { name: 'ztlab-newcomers-3', labels: { team: 'b' } }],
    ['Pod', { name: 'ztlab-newcomer-3', namespace: 'ztlab-newcomers-3', labels: {} }],
  ])
})
