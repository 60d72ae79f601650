import type { LoweredRule, RuleAction, RuleTable, TierRules } from '../../../../src/policy/rules.ts'
import { chain, endpoint, peer, profileChains, rule, ruleTable, tier } from './rule-table.ts'

const setIds = ['s0', 's1', 's2', 's3']
const portSetIds = ['p0', 'p1']
const policyIds = ['np/a/p0', 'np/a/p1', 'gnp/p2', 'knp/a/p3', 'snp/a/p4']
const cidrs = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.2.3/32',
  '10.1.2.4/32',
  '0.0.0.0/0',
  'fd00::/8',
  'fd00::1/128',
]
const actions: RuleAction[] = ['allow', 'deny', 'pass', 'log']

/** A sequence of rule tables; neighbours share much, as a cluster's states do. */
export function* randomTables(seed: number, count: number): Generator<RuleTable> {
  const random = new Random(seed)
  let sets = setIds.map((id) => addressSet(random, id))
  let ports = portSetIds.map((id) => portSet(random, id))
  let chains = policyIds.flatMap((id) => policyChains(random, id))
  for (let step = 0; step < count; step++) {
    sets = sets.map((set) => (random.chance(0.3) ? addressSet(random, set.id) : set))
    ports = ports.map((set) => (random.chance(0.3) ? portSet(random, set.id) : set))
    chains = chains.map((old) =>
      random.chance(0.3)
        ? policyChains(random, old.id).find((other) => other.direction === old.direction)!
        : old,
    )
    const endpoints = ['a/x', 'a/y', 'a/z']
      .filter(() => random.chance(0.7))
      .map((name) => endpoint(name, { address: '10.1.2.3', ingress: tiers(random), egress: tiers(random) }))
    yield ruleTable({
      addressSets: sets,
      portSets: ports,
      chains: [...chains, ...profileChains('a')],
      endpoints,
    })
  }
}

function addressSet(random: Random, id: string) {
  return { id, text: `selector of ${id}`, cidrs: random.some(cidrs) }
}

function portSet(random: Random, id: string) {
  const all = [80, 81, 443].map((port) => ({ address: '10.1.2.3', protocol: random.one([6, 17]), port }))
  return { id, text: `ports of ${id}`, members: random.some(all) }
}

function policyChains(random: Random, id: string) {
  const rules = () => random.some([0, 1, 2]).map((index) => randomRule(random, index))
  return [chain(id, 'ingress', rules()), chain(id, 'egress', rules())]
}

function randomRule(random: Random, index: number): LoweredRule {
  const peers = () =>
    peer({
      inSets: random.chance(0.3) ? [random.one(setIds)] : [],
      notInSets: random.chance(0.2) ? [random.one(setIds)] : [],
      nets: random.chance(0.2) ? ['10.0.0.0/8', '192.168.0.0/16'] : [],
      ports: random.chance(0.3) ? [{ first: 80, last: 81 }] : [],
      portSets: random.chance(0.3) ? [random.one(portSetIds)] : [],
    })
  return rule(
    random.one(actions),
    { protocol: random.one([6, 17, 132]), source: peers(), destination: peers() },
    index,
  )
}

function tiers(random: Random): TierRules[] {
  const some = random.some(policyIds)
  return some.length === 0 ? [] : [tier('default', some, random.one(['deny', 'pass']))]
}

/** Mulberry32: small, and the same on every run. */
class Random {
  constructor(private state: number) {}

  chance(probability: number): boolean {
    return this.next() < probability
  }

  one<T>(values: T[]): T {
    return values[Math.floor(this.next() * values.length)]!
  }

  some<T>(values: T[]): T[] {
    return values.filter(() => this.chance(0.5))
  }

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
