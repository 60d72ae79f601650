import { diff, render } from '../../../../src/embedded/felix/index.ts'
import { expectGolden } from '../../../support/golden.ts'
import {
  calicoBasics,
  chain,
  endpoint,
  everything,
  peer,
  profileChains,
  rule,
  ruleTable,
  tier,
} from './rule-table.ts'

test.each(['node-1', 'node-2'])('calico-basics on %s', (node) => {
  expectGolden(`felix/calico-basics-${node}.nft`, diff(null, render(calicoBasics(), node)))
})

test('every kind of match', () => {
  expectGolden('felix/everything.nft', diff(null, render(everything(), 'node-1')))
})

test('emptied, the hooks are there and nothing in them', () => {
  const rendering = render(calicoBasics(), 'node-1', { empty: true })
  expect([...rendering.chains.values()].flatMap((base) => base.lines)).toEqual([])
  expect(rendering.counters.size).toBe(0)
})

test('a node programs its own endpoints, and only the sets and chains that these use', () => {
  const rendering = render(calicoBasics(), 'node-2')
  expect([...rendering.chains.keys()].filter((name) => name.includes('-pi-'))).toEqual([
    'filter-cali-pi-np/zero-trust-lab/default-deny',
  ])
  expect([...rendering.sets.keys()].sort()).toEqual([
    'cali-from-wl-dispatch',
    'cali-to-wl-dispatch',
    'cali40s-dns',
    'cali40s-web',
  ])
})

test('a rule of one family that asks for nothing else is bound to it', () => {
  const [fourth, sixth] = ([4, 6] as const).map((ipVersion) => rule('deny', { ipVersion }))
  const table = ruleTable({
    chains: [chain('np/a/p', 'ingress', [fourth!, sixth!]), ...profileChains('a')],
    endpoints: [endpoint('a/x', { address: '192.168.0.2', ingress: [tier('default', ['np/a/p'])] })],
  })
  const lines = render(table, 'node-1').chains.get('filter-cali-pi-np/a/p')!.lines
  expect(lines.map((line) => line.split(' counter')[0])).toEqual(['meta nfproto ipv4', 'meta nfproto ipv6'])
})

test('lowered rules of one written rule share its counter', () => {
  const rules = [rule('deny', { protocol: 6 }), rule('deny', { protocol: 17 })]
  const table = ruleTable({
    chains: [
      chain('np/a/p', 'ingress', rules),
      chain('pro/kns.a', 'ingress', []),
      chain('pro/kns.a', 'egress', []),
    ],
    endpoints: [endpoint('a/x', { address: '192.168.0.2', ingress: [tier('default', ['np/a/p'])] })],
  })
  const names = [...render(table, 'node-1').counters.keys()].filter((name) => name.startsWith('np/'))
  expect(names).toEqual(['np/a/p/ingress/0/deny'])
})

test('a chain or a set that the table does not hold is an error, not a rule left out', () => {
  const missingSet = [rule('deny', { source: peer({ inSets: ['nowhere'] }) })]
  const endpoints = [endpoint('a/x', { address: '192.168.0.2', ingress: [tier('default', ['np/a/p'])] })]
  const profiles = [chain('pro/kns.a', 'ingress', []), chain('pro/kns.a', 'egress', [])]
  expect(() => render(ruleTable({ endpoints, chains: profiles }), 'node-1')).toThrow('names chain np/a/p')
  const chains = [...profiles, chain('np/a/p', 'ingress', missingSet)]
  expect(() => render(ruleTable({ endpoints, chains }), 'node-1')).toThrow('names set nowhere')
})
