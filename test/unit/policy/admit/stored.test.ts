import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { fromStorage, isCalicoPolicy } from '../../../../src/policy/admit/stored.ts'
import { make } from '../small-cluster.ts'

const both = ['Ingress', 'Egress']

function stored(
  name: string,
  body: object = {},
  kind = 'NetworkPolicy',
  annotation?: string,
): KubernetesObject {
  const annotations = { 'projectcalico.org/metadata': annotation! }
  const metadata = { name, namespace: 'x', ...(annotation !== undefined && { annotations }) }
  return make('crd.projectcalico.org/v1', kind, metadata, { ...body })
}

test('what is not of the storage stays as it is', () => {
  const written = { ...stored('default.a'), apiVersion: 'projectcalico.org/v3' }
  expect(fromStorage(written)).toBe(written)
})

test('what is no policy comes to the group that people write, and is the same otherwise', () => {
  const set = stored('default.a', { spec: { nets: ['10.0.0.0/8'] } }, 'NetworkSet')
  expect(fromStorage(set)).toEqual({ ...set, apiVersion: 'projectcalico.org/v3' })
})

describe('the name of a stored policy', () => {
  test.each<[string, string, object | undefined, string | undefined, string]>([
    ['without a prefix', 'a', {}, undefined, 'a'],
    ['without a tier', 'default.a', {}, undefined, 'a'],
    ['without a spec', 'default.a', undefined, undefined, 'a'],
    ['of the tier default', 'default.a', { tier: 'default' }, undefined, 'a'],
    ['of another tier', 'default.a', { tier: 'early' }, undefined, 'default.a'],
    ['with the prefix inside', 'my.default.a', {}, undefined, 'my.default.a'],
    ['with a text like the prefix', 'defaults', {}, undefined, 'defaults'],
    ['that is noted', 'default.a', {}, '{"name":"default.b"}', 'default.b'],
    ['that is not noted', 'default.a', {}, '{"labels":{}}', 'a'],
    ['with an empty note', 'default.a', {}, 'null', 'a'],
    ['with a note that cannot be read', 'default.a', {}, '{', 'a'],
  ])('%s', (_, name, spec, annotation, expected) => {
    const { metadata } = fromStorage(stored(name, { spec }, 'NetworkPolicy', annotation))
    expect(metadata).toMatchObject({ name: expected, namespace: 'x' })
  })
})

describe('the types of a stored policy', () => {
  test.each<[string, object | undefined, object | undefined]>([
    ['none', { order: 1 }, { order: 1, types: both }],
    ['an empty list', { types: [] }, { types: both }],
    ['some', { types: ['Egress'], ingress: [] }, { types: ['Egress'], ingress: [] }],
    ['no spec', undefined, { types: both }],
    ['a deletion', { stagedAction: 'Delete' }, { stagedAction: 'Delete' }],
    ['a staged policy', { stagedAction: 'Set' }, { stagedAction: 'Set', types: both }],
  ])('%s', (_, spec, expected) => {
    expect(fromStorage(stored('a', { spec }))).toStrictEqual({
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkPolicy',
      metadata: { name: 'a', namespace: 'x' },
      spec: expected,
    })
  })
})

test.each([
  ['NetworkPolicy', true],
  ['GlobalNetworkPolicy', true],
  ['StagedNetworkPolicy', true],
  ['StagedGlobalNetworkPolicy', true],
  ['StagedKubernetesNetworkPolicy', false],
  ['AdminNetworkPolicy', false],
  ['NetworkPolicyList', false],
  ['NetworkSet', false],
])('%s is a policy of Calico: %s', (kind, expected) => {
  expect(isCalicoPolicy(kind)).toBe(expected)
})
