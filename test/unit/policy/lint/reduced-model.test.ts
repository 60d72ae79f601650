import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel } from '../../../../src/policy/index.ts'
import { reducedModel } from '../../../../src/policy/lint/reduced-model.ts'
import { calico, np, smallCluster } from '../small-cluster.ts'

const allow = { action: 'Allow' }
const none = new Set<never>()

function modelOf(...objects: KubernetesObject[]) {
  const model = buildModel([...smallCluster(), ...objects])
  const policies = model.tiers.flatMap((tier) => tier.policies)
  return { model, policies, pod: model.pods.get('x/a')! }
}

test('a policy that is gone isolates nobody', () => {
  const { model, policies, pod } = modelOf(np({ order: 1 }, 'one'), np({ order: 2 }, 'two'))
  const without = (count: number) =>
    reducedModel(model, { rules: none, policies: new Set(policies.slice(2 - count)) }).plan(pod, 'ingress')
  expect(without(1)).toMatchObject([{ policies: [policies[0]], endOwner: policies[0], endAction: 'deny' }])
  expect(without(2)).toEqual([])
})

test('a tier whose enforced policies are gone passes', () => {
  const staged = calico('StagedNetworkPolicy', { name: 's', namespace: 'x' }, { order: 2 })
  const { model, policies, pod } = modelOf(np({ order: 1 }), staged)
  const reduced = reducedModel(model, { rules: none, policies: new Set([policies[0]!]) })
  expect(reduced.plan(pod, 'ingress')).toMatchObject([
    { policies: [policies[1]], endOwner: null, endAction: 'pass' },
  ])
})

test('a policy without its rules goes on isolating; others stay what they are', () => {
  const { model, policies, pod } = modelOf(
    np({ order: 1, ingress: [allow, { action: 'Deny' }] }, 'one'),
    np({ order: 2, ingress: [allow] }, 'two'),
  )
  const [first] = policies[0]!.rules.ingress!
  const reduced = reducedModel(model, { rules: new Set([first!]), policies: none })
  const [tier] = reduced.plan(pod, 'ingress')
  expect(
    tier!.policies.map(({ ref, rules }) => [ref.name, rules.ingress!.map(({ action }) => action)]),
  ).toEqual([
    ['one', ['deny']],
    ['two', ['allow']],
  ])
  expect(tier!.policies[1]).toBe(policies[1])
  expect(reduced.plan(pod, 'ingress')[0]).toBe(tier)
  expect(reduced.plan(pod, 'egress')).toEqual([])
})
