import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import {
  buildModel,
  type LoweredRule,
  lower,
  type PeerMatch,
  type RuleTable,
} from '../../../src/policy/index.ts'
import { addresses, calico, cnp, gnp, knp, np, pod, slice, smallCluster, tier } from './small-cluster.ts'

type Rule = Record<string, unknown>

const allow = { action: 'Allow' }

function tableOf(...objects: KubernetesObject[]): RuleTable {
  return lower(buildModel([...smallCluster(), ...objects]))
}

/** The rules of a GlobalNetworkPolicy `g` for x/a, of one direction. */
function rulesOf(rule: Rule, direction: 'ingress' | 'egress' = 'ingress'): LoweredRule[] {
  const { chains } = tableOf(gnp({ selector: "app == 'a'", [direction]: [{ ...allow, ...rule }] }))
  return chains.find((chain) => chain.id === 'gnp/g' && chain.direction === direction)!.rules
}

function peer(criteria: Partial<PeerMatch> = {}): PeerMatch {
  const nothing = { inSets: [], notInSets: [], nets: [], notNets: [], ports: [], portSets: [] }
  return { ...nothing, notPorts: [], notPortSets: [], ...criteria }
}

describe('what a rule asks of packets', () => {
  test.each<[string, Rule, object]>([
    ['nothing', {}, {}],
    ['a protocol', { protocol: 'TCP' }, { protocol: 6 }],
    ['another protocol', { notProtocol: 'UDP' }, { notProtocol: 17 }],
    ['a family', { ipVersion: 6 }, { ipVersion: 6 }],
    [
      'an ICMP type',
      { protocol: 'ICMP', icmp: { type: 8 } },
      { ipVersion: 4, protocol: 1, icmp: { type: 8 } },
    ],
    ['no such ICMP', { notICMP: { type: 8, code: 0 } }, { notIcmp: { type: 8, code: 0 } }],
  ])('%s', (_, rule, match) => {
    const both = { source: peer(), destination: peer() }
    expect(rulesOf(rule)).toStrictEqual([{ action: 'allow', index: 0, match: { ...match, ...both } }])
  })
})

describe('what a rule asks of an end', () => {
  const set = expect.stringMatching(/^s/)
  const ports = expect.stringMatching(/^n/)
  const tcp = { protocol: 'TCP' }
  test.each<[string, Rule, Rule, Partial<PeerMatch>]>([
    ['a selector', {}, { selector: "role == 'db'" }, { inSets: [set] }],
    ['what a selector leaves out', {}, { notSelector: "role == 'db'" }, { notInSets: [set] }],
    ['blocks', {}, { nets: ['10.0.0.0/8', '192.0.2.0/24'] }, { nets: ['10.0.0.0/8', '192.0.2.0/24'] }],
    ['outside of blocks', {}, { notNets: ['10.0.0.0/8'] }, { notNets: ['10.0.0.0/8'] }],
    ['ports', tcp, { ports: [80, '90:92'] }, { ports: [range(80), range(90, 92)] }],
    ['other ports', tcp, { notPorts: [80] }, { notPorts: [range(80)] }],
    ['named ports', tcp, { ports: ['http', 81] }, { ports: [range(81)], portSets: [ports] }],
    ['other named ports', tcp, { notPorts: ['http'] }, { notPortSets: [ports] }],
  ])('%s, at either', (_, common, criteria, match) => {
    const [source, destination] = [
      rulesOf({ ...common, source: criteria }),
      rulesOf({ ...common, destination: criteria }),
    ]
    expect(source.map((rule) => [rule.match.source, rule.match.destination])).toEqual([[peer(match), peer()]])
    expect(destination.map((rule) => [rule.match.source, rule.match.destination])).toEqual([
      [peer(), peer(match)],
    ])
  })

  test('the addresses of a Service, for ingress', () => {
    const services = { services: { name: 'api', namespace: 'y' } }
    const policy = np({ ingress: [{ ...allow, source: services }] })
    const { addressSets, portSets, chains } = tableOf(
      policy,
      slice('y/api', '192.0.2.1'),
      slice('y/api', '10.0.2.1'),
    )
    expect(addressSets).toEqual([
      { id: expect.stringMatching(/^v/), text: 'service y/api', cidrs: ['10.0.2.1/32', '192.0.2.1/32'] },
    ])
    expect(portSets).toEqual([])
    expect(chains[0]!.rules[0]!.match.source).toEqual(peer({ inSets: [addressSets[0]!.id] }))
  })
})

test('a rule is programmed for the families that its blocks leave it', () => {
  const families = (source: Rule) =>
    rulesOf({ source }).map(({ match }) => [match.ipVersion, match.source.nets])
  expect(families({ selector: 'all()' })).toEqual([[undefined, []]])
  expect(families({ nets: ['10.0.0.0/8'] })).toEqual([[4, ['10.0.0.0/8']]])
  expect(families({ notNets: ['fd00::/8'] })).toEqual([[6, []]])
})

test('a block that is written twice is there once', () => {
  const ipBlock = { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.1.0.0/16'] }
  const { chains } = tableOf(knp({ ingress: [{ from: [{ ipBlock }] }] }))
  expect(chains[0]!.rules[0]!.match.source).toEqual(peer({ nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] }))
})

test('every action has its rule, under the index of its author', () => {
  const ingress = ['Log', 'Pass', 'Deny', 'Allow'].map((action) => ({ action }))
  const { chains } = tableOf(np({ ingress }))
  expect(chains[0]).toMatchObject({ id: 'np/x/n', direction: 'ingress', staged: false })
  expect(chains[0]!.rules.map(({ action, index }) => `${index} ${action}`)).toEqual([
    '0 log',
    '1 pass',
    '2 deny',
    '3 allow',
  ])
})

test('chains are named by kind, with their namespace', () => {
  const staged = (kind: string, spec: Rule) =>
    calico(kind, { name: 's', ...(!kind.includes('Global') && { namespace: 'x' }) }, spec)
  const { chains } = tableOf(
    knp({ ingress: [{}] }),
    np({ ingress: [allow] }),
    gnp({ ingress: [allow] }),
    cnp({ ingress: [{ action: 'Accept', from: [{ namespaces: {} }] }] }),
    staged('StagedNetworkPolicy', { ingress: [allow] }),
    staged('StagedGlobalNetworkPolicy', { ingress: [allow] }),
    staged('StagedKubernetesNetworkPolicy', { podSelector: {}, ingress: [{}] }),
  )
  const ofPolicies = chains.filter(({ id, direction }) => !id.startsWith('pro/') && direction === 'ingress')
  expect(ofPolicies.map(({ id, staged }) => `${id}${staged ? ' staged' : ''}`).sort()).toEqual([
    'gnp/g',
    'kcnp/c',
    'knp/x/k',
    'np/x/n',
    'sgnp/s staged',
    'sknp/x/s staged',
    'snp/x/s staged',
  ])
  expect(chains.find(({ id }) => id.startsWith('kcnp'))!.rules).toHaveLength(1)
})

describe('what applies to a pod', () => {
  const endpoint = (table: RuleTable, id: string) => table.endpoints.find((one) => one.endpoint === id)!

  test('is its tiers in order, then its profiles', () => {
    const policies = [
      gnp({ tier: 'early', selector: "app == 'a'", types: ['Ingress'] }, 'first'),
      gnp({ selector: "app == 'a'", types: ['Ingress', 'Egress'], order: 2 }, 'second'),
      gnp({ selector: "app == 'a'", types: ['Ingress'], order: 1 }, 'third'),
    ]
    const table = tableOf(tier('early', { order: 5, defaultAction: 'Pass' }), ...policies)
    const passing = { name: 'early', policies: ['gnp/first'], endAction: 'pass', stagedEndAction: 'pass' }
    const closing = { name: 'default', endAction: 'deny', stagedEndAction: 'deny', endOwner: 'gnp/second' }
    const profiles = ['pro/kns.x', 'pro/ksa.x.sa1']
    expect(endpoint(table, 'x/a')).toEqual({
      endpoint: 'x/a',
      node: 'n1',
      addresses: [addresses['x/a']],
      ingress: {
        tiers: [
          { ...passing, endOwner: 'gnp/first' },
          { ...closing, policies: ['gnp/third', 'gnp/second'] },
        ],
        profiles,
      },
      egress: { tiers: [{ ...closing, policies: ['gnp/second'] }], profiles },
    })
  })

  test('is nothing but profiles where no policy selects it: that of its namespace allows', () => {
    const table = tableOf()
    expect(endpoint(table, 'y/c').egress).toEqual({ tiers: [], profiles: ['pro/kns.y', 'pro/ksa.y.default'] })
    const everything = { action: 'allow', index: 0, match: { source: peer(), destination: peer() } }
    const chain = (id: string) => table.chains.filter((one) => one.id === id)
    const common = { id: 'pro/kns.y', staged: false, rules: [everything] }
    expect(chain('pro/kns.y')).toStrictEqual([
      { ...common, direction: 'ingress' },
      { ...common, direction: 'egress' },
    ])
    expect(chain('pro/ksa.y.default').map(({ rules }) => rules)).toEqual([[], []])
  })

  test('is told of pods that have an address', () => {
    const waiting = pod('x/waiting', 'n1', { address: '' })
    const six = { ...pod('x/six', 'n2'), status: { podIPs: [{ ip: '10.0.2.6' }, { ip: 'FD00::6' }] } }
    const { endpoints } = tableOf(waiting, six)
    expect(endpoints.map(({ endpoint }) => endpoint)).toEqual(['x/a', 'x/b', 'y/c', 'x/six'])
    expect(endpoints.at(-1)).toMatchObject({ node: 'n2', addresses: ['10.0.2.6', 'fd00::6'] })
  })
})

test('a chain and a set are there once, for whoever uses them', () => {
  const source = { selector: "role == 'db'", ports: ['http'] }
  const rule = { ...allow, protocol: 'TCP', source }
  const { chains, addressSets, portSets } = tableOf(
    gnp({ ingress: [rule, rule], egress: [rule] }, 'g1'),
    gnp({ ingress: [rule] }, 'g2'),
  )
  expect([addressSets.length, portSets.length]).toEqual([1, 1])
  const keys = chains.map(({ id, direction }) => `${direction} ${id}`)
  expect(keys).toHaveLength(new Set(keys).size)
})

test('a policy that stays as it is keeps its chain; its sets have the members of now', () => {
  const criteria = { selector: "role == 'db'", ports: ['http'], notPorts: ['dns'] }
  const rule = { ...allow, protocol: 'TCP', source: criteria, destination: { notSelector: 'has(role)' } }
  const policies = [gnp({ ingress: [rule] }), np({ types: ['Egress'] })]
  const chainsOf = (table: RuleTable) => table.chains.filter(({ id }) => !id.startsWith('pro/'))
  const before = tableOf(...policies)
  const more = pod('x/more', 'n2', {
    role: 'db',
    address: '10.0.2.9',
    ports: [{ name: 'http', containerPort: 7 }],
  })
  const after = tableOf(...policies, more)
  expect(chainsOf(before).map(({ id, direction }) => `${direction} ${id}`)).toEqual([
    'ingress gnp/g',
    'egress np/x/n',
  ])
  expect(chainsOf(after)[0]).toBe(chainsOf(before)[0])
  const texts = ['has(role)', 'role == "db"']
  expect(after.addressSets.map(({ text }) => text).sort()).toEqual([
    texts[0],
    expect.stringContaining(texts[1]!),
  ])
  expect(after.addressSets.map(({ id }) => id).sort()).toEqual(before.addressSets.map(({ id }) => id).sort())
  expect(after.portSets.map(({ id }) => id).sort()).toEqual(before.portSets.map(({ id }) => id).sort())
  for (const { cidrs } of after.addressSets) expect(cidrs).toContain('10.0.2.9/32')
  const members = after.portSets.flatMap(({ members }) => members)
  expect(members).toContainEqual({ address: '10.0.2.9', protocol: 6, port: 7 })
})

function range(first: number, last = first) {
  return { first, last }
}
