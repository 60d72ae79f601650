import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { podWalk, questionOf } from '../../../src/policy/evaluate/index.ts'
import {
  buildModel,
  evaluate,
  type Flow,
  lower,
  type Model,
  protocolNumber,
} from '../../../src/policy/index.ts'
import type { Direction } from '../../../src/policy/rules.ts'
import { Random, scaled, seeds } from '../../support/random-policies/random.ts'
import { outsideSix, randomCluster } from '../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../support/random-policies/random-policies.ts'
import { clusterOf, readRecording } from './recordings.ts'
import { type Packet, TableReader } from './rule-table.ts'
import { cnp, gnp, inNamespace, knp, np, slice, smallCluster } from './small-cluster.ts'
import { trickyCases } from './tricky-cases.ts'

const flowsPerScenario = scaled(150)

const recorded = ['calico-matrices.json', 'calico-matrices-rich.json'].flatMap((file) => {
  const recording = readRecording(file)
  const cluster = clusterOf(recording)
  return recording.scenarios.map(({ id, policies }) => [`scenario ${id}`, [...cluster, ...policies]] as const)
})
const tricky = Object.entries(trickyCases).map(
  ([number, { objects }]) => [`tricky case ${number}`, [...smallCluster(), ...objects]] as const,
)

describe.each(seeds)('the rule table agrees with evaluate, seed %i', (seed) => {
  test.each([...recorded, ...tricky])('%s', (_, objects: readonly KubernetesObject[]) => {
    const model = buildModel([...objects])
    const reader = new TableReader(lower(model))
    const random = new Random(seed)
    const wrong = Array.from({ length: flowsPerScenario }, () =>
      disagreement(model, reader, randomFlow(model, random)),
    )
    expect(wrong.filter((text) => text !== null)).toEqual([])
  })
})

test.each(seeds)(
  'the rule table agrees with evaluate on random policies of both families, seed %i',
  (seed) => {
    const random = new Random(seed)
    for (let set = 0; set < scaled(40); set++) {
      const objects = [...randomCluster(random), ...randomPolicies(random)]
      const model = buildModel(objects)
      const reader = new TableReader(lower(model))
      const wrong = Array.from({ length: 60 }, () => {
        const flow = random.chance(0.3) ? sixth(randomFlow(model, random), random) : randomFlow(model, random)
        return disagreement(model, reader, flow)
      }).filter((text) => text !== null)
      if (wrong.length > 0)
        throw new Error([`set ${set}`, ...wrong, ...objects.map((one) => JSON.stringify(one))].join('\n'))
    }
  },
)

test('ids are short, stable, and equal for equal selectors', () => {
  const policies = [
    gnp({ selector: "app == 'a'", ingress: [{ action: 'Allow', source: { selector: "role=='db'" } }] }, 'g1'),
    gnp(
      { selector: "app == 'a'", ingress: [{ action: 'Deny', source: { selector: 'role == "db"' } }] },
      'g2',
    ),
  ]
  const { addressSets, chains } = lower(buildModel([...smallCluster(), ...policies]))
  expect(addressSets).toEqual([{ id: 'sidzapxg7a63l', text: 'role == "db"', cidrs: ['10.0.1.2/32'] }])
  expect(chains.filter(({ direction }) => direction === 'ingress').map(({ id }) => id)).toEqual([
    'gnp/g1',
    'gnp/g2',
    'pro/kns.x',
    'pro/ksa.x.sa1',
    'pro/ksa.x.default',
    'pro/kns.y',
    'pro/ksa.y.default',
  ])
})

test('a rule with CIDRs of both families becomes one per family, under one index', () => {
  const policy = cnp({ egress: [{ action: 'Deny', to: [{ networks: ['10.0.0.0/8', 'fd00::/8'] }] }] })
  const chain = lower(buildModel([...smallCluster(), policy])).chains.find(({ id }) => id === 'kcnp/c')!
  expect(chain.rules.map(({ index, match }) => [index, match.ipVersion, match.destination.nets])).toEqual([
    [0, 4, ['10.0.0.0/8']],
    [0, 6, ['fd00::/8']],
  ])
})

test('Kubernetes rules become allow rules, one per protocol and peer, under the index of their author', () => {
  const peers = [{ namespaceSelector: inNamespace('y') }, { ipBlock: { cidr: '192.0.2.0/24' } }]
  const ports = [{ port: 53, protocol: 'UDP' }, { port: 80, endPort: 90 }, { port: 'http' }]
  const policy = knp({ ingress: [{ ports: [{ port: 1 }] }, { from: peers, ports }] })
  const { chains, portSets } = lower(buildModel([...smallCluster(), policy]))
  const { rules } = chains.find(({ id }) => id === 'knp/x/k')!
  expect(
    rules.map(({ action, index, match }) => [action, index, match.protocol, match.destination.ports]),
  ).toEqual([
    ['allow', 0, 6, [{ first: 1, last: 1 }]],
    ['allow', 1, 6, [{ first: 80, last: 90 }]],
    ['allow', 1, 6, [{ first: 80, last: 90 }]],
    ['allow', 1, 17, [{ first: 53, last: 53 }]],
    ['allow', 1, 17, [{ first: 53, last: 53 }]],
  ])
  expect(portSets.map(({ text, members }) => [text, members.length])).toEqual([['port http/TCP', 3]])
})

test('a services match is a port set of endpoint addresses and target ports', () => {
  const rule = { action: 'Allow', destination: { services: { name: 'api', namespace: 'y' } } }
  const objects = [np({ egress: [rule] }), slice('y/api', '192.0.2.1', [{ port: 6443, protocol: 'TCP' }])]
  const { portSets } = lower(buildModel([...smallCluster(), ...objects]))
  expect(portSets).toEqual([
    {
      id: expect.stringMatching(/^v/),
      text: 'service y/api',
      members: [{ address: '192.0.2.1', protocol: 6, port: 6443 }],
    },
  ])
})

test('staged policies are chains that say so, and never blamed for the end of a tier', () => {
  const staged = { ...np({ ingress: [{ action: 'Deny' }] }, 's'), kind: 'StagedNetworkPolicy' }
  const { chains, endpoints } = lower(buildModel([...smallCluster(), staged]))
  expect(chains.find(({ id }) => id === 'snp/x/s')).toMatchObject({ staged: true })
  expect(endpoints.find(({ endpoint }) => endpoint === 'x/a')!.ingress.tiers).toEqual([
    {
      name: 'default',
      policies: ['snp/x/s'],
      endAction: 'pass',
      stagedEndAction: 'deny',
      endOwner: null,
    },
  ])
})

/** What differs between both answers on one flow, or null. */
function disagreement(model: Model, reader: TableReader, flow: Flow): string | null {
  const verdict = evaluate(model, flow)
  const wrong = (['egress', 'ingress'] as const).flatMap((direction) => {
    const said = verdict[direction]
    // What hosts say is in none of the pods' rules.
    if (said?.stage !== 'pod' || said.decidedBy.kind === 'Guard') return []
    const endpoint = direction === 'egress' ? flow.source : flow.destination
    const read = reader.decide(endpoint, direction, packetOf(model, flow, direction))
    return read.verdict === said.verdict
      ? []
      : [`${direction}: ${said.verdict}, but table: ${read.verdict} by ${read.by}`]
  })
  return wrong.length > 0 ? `${JSON.stringify(flow)} ${wrong.join('; ')} (${verdict.reason})` : null
}

/** As it is on this side: what a node sends through a tunnel comes from the tunnel's address. */
function packetOf(model: Model, flow: Flow, direction: Direction): Packet {
  const { source, destination } = podWalk(questionOf(model, flow, false)[direction])!.ends
  return {
    source: source.text,
    destination: destination.text,
    protocol: protocolNumber(flow.protocol),
    port: flow.port,
    sourcePort: flow.sourcePort ?? 49152,
    icmp: flow.icmp ?? { type: 8, code: 0 },
  }
}

/** The same over IPv6. */
function sixth(flow: Flow, random: Random): Flow {
  const outside = (place: string) => (place.includes('/') ? place : random.pick(outsideSix))
  const protocol = flow.protocol === 'ICMP' ? 'ICMPv6' : flow.protocol
  return {
    ...flow,
    protocol,
    source: outside(flow.source),
    destination: outside(flow.destination),
    ipVersion: 6,
  }
}

/** Between pods, host-network pods and addresses outside, on ports that policies are likely to speak of. */
function randomFlow(model: Model, random: Random): Flow {
  const pods = [...model.pods.values()]
    .filter(({ addresses }) => addresses[0]?.version === 4)
    .map(({ id }) => id)
  const places = [...pods, ...pods, ...model.catalog.hostPods.keys(), '203.0.113.7', '8.8.8.8']
  const protocol = random.pick(['TCP', 'TCP', 'UDP', 'UDP', 'SCTP', 'ICMP', 47] as const)
  return {
    source: random.pick(places),
    destination: random.pick(places),
    protocol,
    port: protocol === 'ICMP' || protocol === 47 ? 0 : random.pick([80, 81, 53, 443, 8080, 6443]),
    icmp: { type: random.pick([0, 3, 8]), code: random.below(2) },
    viaService: random.chance(0.3),
  }
}
