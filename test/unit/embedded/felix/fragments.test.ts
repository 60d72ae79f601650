import { EndpointFragments } from '../../../../src/embedded/felix/fragments.ts'
import { render } from '../../../../src/embedded/felix/index.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel, lower, type RuleTable } from '../../../../src/policy/index.ts'
import { policySet } from '../../../bench/policy-sets.ts'
import { Random } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'

/** As if nothing had ever been rendered. */
const afresh = (objects: KubernetesObject[]) => render(lower(buildModel(structuredClone(objects))), 'n1')

test('what is kept from one change to the next is what would be rendered afresh', () => {
  const random = new Random(7)
  const fragments = new EndpointFragments()
  let objects = [...randomCluster(random), ...randomPolicies(random)]
  for (let change = 0; change < 40; change++) {
    // Most objects stay as they are, as in an informer: policies come and go, labels and addresses change.
    const others = [...randomCluster(random), ...randomPolicies(random)]
    objects = objects.map((object, index) => (random.chance(0.1) ? (others[index] ?? object) : object))
    objects = [...new Map(objects.map((object) => [keyOf(object), object])).values()]
    const kept = render(lower(buildModel(objects)), 'n1', { fragments })
    expect(kept).toEqual(afresh(objects))
  }
})

test('an unchanged policy is lowered to the same chain, and rendered to the same one', () => {
  const objects = policySet(20, 30).map(onOneNode)
  const fragments = new EndpointFragments()
  const tables = [1, 2].map((): RuleTable => lower(buildModel([...objects])))
  const [before, after] = tables.map((table) => render(table, 'n1', { fragments }))
  const changed = [...after!.chains].filter(([name, chain]) => chain !== before!.chains.get(name))
  expect(after!.chains.size).toBeGreaterThan(40)
  // The hooks, the dispatch and what has no rules are made anew.
  expect(changed.length).toBeLessThan(20)
})

function onOneNode(object: KubernetesObject): KubernetesObject {
  return object.kind === 'Pod' ? { ...object, spec: { ...object.spec, nodeName: 'n1' } } : object
}

function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}
