import { diff, type Rendering, render } from '../../../../src/embedded/felix/index.ts'
import type { RuleTable } from '../../../../src/policy/rules.ts'
import {
  type NetworkNamespace,
  openNetworkNamespace,
  testInNamespaces,
} from '../../../support/network-namespace.ts'
import { randomTables } from './random-tables.ts'
import { calicoBasics, everything, ruleTable } from './rule-table.ts'

test('nothing to change is no script', () => {
  expect(diff(render(calicoBasics(), 'node-1'), render(calicoBasics(), 'node-1'))).toBe('')
})

test('a set that grows is one line', () => {
  const grown = calicoBasics()
  grown.addressSets.find((set) => set.id === 'web')!.cidrs.push('192.168.1.9/32')
  expect(diff(render(calicoBasics(), 'node-2'), render(grown, 'node-2'))).toBe(
    'add element inet calico cali40s-web { 192.168.1.9 }\n',
  )
})

test('a rule that changes touches its chain alone, and its counter stays', () => {
  const changed = calicoBasics()
  const [rule] = changed.chains.find(
    (chain) => chain.id.endsWith('allow-web') && chain.direction === 'egress',
  )!.rules
  rule!.match.destination.ports = [{ first: 81, last: 81 }]
  const script = diff(render(calicoBasics(), 'node-2'), render(changed, 'node-2'))
  expect(script).toBe(`flush chain inet calico filter-cali-po-np/zero-trust-lab/allow-web
table inet calico {
	chain filter-cali-po-np/zero-trust-lab/allow-web {
		ip daddr @cali40s-web tcp dport 81 counter name "np/zero-trust-lab/allow-web/egress/0/allow" log prefix "allow 0 np/zero-trust-lab/allow-web" group 2 meta mark set meta mark | 0x00010000 return comment "np/zero-trust-lab/allow-web egress rule 0 allow"
	}
}
`)
})

testInNamespaces('any sequence of changes equals the whole, written at once', ['nft'], async () => {
  const [stepwise, atOnce] = await Promise.all([openNetworkNamespace(), openNetworkNamespace()])
  for (const seed of [1, 2, 3]) {
    let previous: Rendering | null = null
    for (const table of randomTables(seed, 12)) {
      const next = render(table, 'node-1')
      const script = diff(previous, next)
      await Promise.all([apply(stepwise, script), apply(atOnce, diff(null, next))])
      expect(await ruleset(stepwise)).toEqual(await ruleset(atOnce))
      previous = next
    }
  }
})

testInNamespaces('from everything to nothing and back', ['nft'], async () => {
  const namespace = await openNetworkNamespace()
  const steps: RuleTable[] = [everything(), ruleTable({}), calicoBasics(), everything()]
  let previous: Rendering | null = null
  for (const table of steps) {
    const next = render(table, 'node-1')
    await apply(namespace, diff(previous, next))
    previous = next
  }
  const stepwise = await ruleset(namespace)
  await apply(namespace, diff(null, render(everything(), 'node-1')))
  expect(stepwise).toEqual(await ruleset(namespace))
})

async function apply(namespace: NetworkNamespace, script: string): Promise<void> {
  if (script !== '') await namespace.run(['nft', '-f', '-'], script)
}

type NftObject = Record<string, Record<string, unknown>>

/** What nft lists, without handles, counts and the order in which objects were made (rules keep theirs). */
async function ruleset(namespace: NetworkNamespace): Promise<string[]> {
  const { nftables } = JSON.parse(await namespace.run(['nft', '-j', 'list', 'ruleset'])) as {
    nftables: NftObject[]
  }
  const rules = new Map<string, number>()
  return nftables
    .map((entry) => {
      const [kind, object] = Object.entries(entry)[0]!
      const { handle: _, ...rest } = object
      const chain = `${kind === 'rule' ? rest.chain : ''}`
      rules.set(chain, (rules.get(chain) ?? 0) + 1)
      if (Array.isArray(rest.elem)) rest.elem = rest.elem.map((element) => JSON.stringify(element)).sort()
      if (Array.isArray(rest.map)) rest.map = rest.map.map((element) => JSON.stringify(element)).sort()
      return JSON.stringify([kind, kind === 'rule' ? rules.get(chain) : 0, rest])
    })
    .sort()
}
