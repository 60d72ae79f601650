import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { admit } from '../../../../src/policy/index.ts'
import { calico, cnp, gnp, knp, make, np, tier } from '../small-cluster.ts'

function defaulted(object: KubernetesObject): KubernetesObject['spec'] {
  const { object: admitted, problems } = admit(object)
  expect(problems).toEqual([])
  return admitted.spec
}

const allow = { action: 'Allow' }

describe('types of a Calico policy follow the length of its rule lists', () => {
  test.each([
    [{}, ['Ingress']],
    [{ ingress: [allow] }, ['Ingress']],
    [{ egress: [allow] }, ['Egress']],
    [{ ingress: [allow], egress: [allow] }, ['Ingress', 'Egress']],
    [{ egress: [] }, ['Ingress']],
    [{ ingress: [], egress: [allow] }, ['Egress']],
    [{ types: ['Egress'], ingress: [allow] }, ['Egress']],
  ])('%j: %j', (spec, types) => {
    expect(defaulted(np(spec)).types).toEqual(types)
    expect(defaulted(gnp(spec)).types).toEqual(types)
  })
})

describe('policyTypes of a Kubernetes policy: Ingress always, Egress with an egress rule', () => {
  test.each([
    [{}, ['Ingress']],
    [{ egress: [] }, ['Ingress']],
    [{ egress: [{}] }, ['Ingress', 'Egress']],
    [{ policyTypes: ['Egress'] }, ['Egress']],
    [{ policyTypes: [], egress: [{}] }, ['Ingress', 'Egress']],
  ])('%j: %j', (spec, types) => {
    expect(defaulted(knp(spec)).policyTypes).toEqual(types)
    expect(defaulted(calico('StagedKubernetesNetworkPolicy', { name: 's' }, spec)).policyTypes).toEqual(types)
  })
})

test('a port is TCP unless it says otherwise', () => {
  const ports = [{ port: 80 }, { port: 53, protocol: 'UDP' }, {}]
  expect(defaulted(knp({ ingress: [{ ports }] })).ingress[0].ports).toEqual([
    { port: 80, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
    { protocol: 'TCP' },
  ])
})

test('a policy belongs to the tier default, a staged one is set, a namespaced one is in default', () => {
  const { object } = admit(calico('StagedNetworkPolicy', { name: 's' }, {}))
  expect(object.spec).toEqual({ tier: 'default', stagedAction: 'Set', types: ['Ingress'] })
  expect(object.metadata.namespace).toBe('default')
})

test('a tier denies at its end and stands beside default; built-in tiers have their own values', () => {
  expect(defaulted(tier('t'))).toEqual({ order: 1_000_000, defaultAction: 'Deny' })
  expect(defaulted(tier('kube-admin'))).toEqual({ order: 1000, defaultAction: 'Pass' })
  expect(defaulted(tier('kube-baseline'))).toEqual({ order: 10_000_000, defaultAction: 'Pass' })
})

test('nulls are left out as the API server does', () => {
  expect(defaulted(np({ order: null, ingress: null, selector: null }))).toEqual({
    tier: 'default',
    types: ['Ingress'],
  })
})

test('a staged deletion gets no field that it may not have', () => {
  const spec = { stagedAction: 'Delete' }
  expect(defaulted(calico('StagedNetworkPolicy', { name: 's' }, spec))).toEqual({ ...spec, tier: 'default' })
  expect(defaulted(calico('StagedKubernetesNetworkPolicy', { name: 's' }, spec))).toEqual(spec)
})

test('admission changes nothing the second time, and never its input', () => {
  const object = knp({ ingress: [{ ports: [{ port: 1 }] }] })
  const before = structuredClone(object)
  const once = admit(object).object
  expect(object).toEqual(before)
  expect(admit(once).object).toEqual(once)
})

test('other kinds get nothing of it', () => {
  const spec = { tier: 'Admin', priority: 1, subject: { namespaces: {} } }
  expect(defaulted(cnp(spec))).toEqual(spec)
  expect(defaulted(calico('GlobalNetworkSet', { name: 'g' }, { nets: [] }))).toEqual({ nets: [] })
  expect(admit(make('projectcalico.org/v3', 'GlobalNetworkSet', { name: 'g' })).object).toEqual(
    make('projectcalico.org/v3', 'GlobalNetworkSet', { name: 'g' }, { spec: {} }),
  )
})
