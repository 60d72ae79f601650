import { buildModel } from '../../../../src/policy/index.ts'
import { actorsOf, familiesOf, familyBetween, partyAt } from '../../../../src/policy/matrix/actor.ts'
import { make as object, pod, smallCluster } from '../small-cluster.ts'

const fresh = object('v1', 'Pod', { name: 'fresh', namespace: 'x' }, { spec: { nodeName: 'n1' } })
const bare = object(
  'v1',
  'Pod',
  { name: 'bare', namespace: 'x' },
  { spec: { hostNetwork: true, nodeName: 'n1' } },
)
const lost = object(
  'v1',
  'Pod',
  { name: 'lost', namespace: 'x' },
  { spec: { hostNetwork: true, nodeName: 'gone' } },
)
const six = pod('x/six', 'n1', { address: 'fd00::6' })

function make() {
  const model = buildModel([...smallCluster(), fresh, bare, lost, six], { encapsulated: true })
  const actors = new Map(actorsOf(model).map((actor) => [actor.id, actor]))
  return { model, actors }
}

test('every pod once, by name; those of their node have its addresses where they have none', () => {
  const { model, actors } = make()
  expect([...actors.keys()]).toEqual([
    'x/a',
    'x/b',
    'x/bare',
    'x/fresh',
    'x/h',
    'x/h2',
    'x/lost',
    'x/six',
    'y/c',
  ])
  expect(actors.get('x/bare')).toMatchObject({
    endpoint: null,
    node: 'n1',
    addresses: model.catalog.nodes.get('n1')!.addresses,
  })
  expect(actors.get('x/lost')!.addresses).toEqual([])
  expect(actors.get('x/a')!.endpoint).toBe(model.pods.get('x/a'))
})

test('what rules see of an actor', () => {
  const { model, actors } = make()
  const at = (id: string, side: 'source' | 'destination', version: 4 | 6 = 4) => {
    const party = partyAt(model, actors.get(id)!, { side, version })
    return party && [party.text, party.version, party.endpoints.map((endpoint) => endpoint.id)]
  }
  expect(at('x/a', 'source')).toEqual(['10.0.1.1', 4, ['x/a']])
  expect(at('x/fresh', 'source')).toEqual(['', 4, ['x/fresh']])
  expect(at('x/fresh', 'destination', 6)).toEqual(['', 6, ['x/fresh']])
  expect(at('x/a', 'source', 6)).toBeNull()
  expect(at('x/h', 'source')).toEqual(['10.0.1.0', 4, []])
  expect(at('x/h', 'destination')).toEqual(['172.18.0.2', 4, []])
  expect(at('x/lost', 'destination')).toEqual(['', 4, []])
})

test('families of an actor', () => {
  const { actors } = make()
  expect(['x/a', 'x/six', 'x/fresh'].map((id) => familiesOf(actors.get(id)!))).toEqual(['4', '6', ''])
})

test.each([
  ['', '', 4],
  ['4', '', 4],
  ['', '6', 6],
  ['4', '4', 4],
  ['4', '6', null],
  ['64', '46', 4],
  ['46', '64', 6],
  ['6', '46', 6],
  ['64', '', 6],
])('between %j and %j: %j', (source, destination, version) => {
  expect(familyBetween(source, destination)).toBe(version)
})
