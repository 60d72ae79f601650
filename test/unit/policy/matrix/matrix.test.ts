import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import {
  buildModel,
  countCells,
  evaluate,
  type MatrixCell,
  type Model,
  type ModelOptions,
  policyMatrix,
} from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { calico, cnp, gnp, knp, make, np, pod, slice, smallCluster } from '../small-cluster.ts'
import { trickyCases } from '../tricky-cases.ts'

const ports = [
  { protocol: 'TCP' as const, port: 80 },
  { protocol: 'UDP' as const, port: 53 },
  { protocol: 'SCTP' as const, port: 443 },
  { protocol: 'ICMP' as const, port: 0 },
  { protocol: 'UDP' as const, port: 4789 },
]

test.each(seeds)('every cell is what the engine says of its flow, on random policy sets, seed %i', (seed) => {
  const random = new Random(seed)
  for (let set = 0; set < scaled(40); set++) {
    const options = {
      encapsulated: random.chance(0.3),
      endpointToHost: random.pick(['accept', 'drop'] as const),
    }
    const cluster = randomCluster(random).map((object) => withSomeFamilies(random, object))
    const model = buildModel([...cluster, ...tunnels, ...randomPolicies(random)], options)
    const whole = policyMatrix(model, ports)
    const { actors } = whole
    for (const matrix of whole.ports()) {
      const cells = actors.flatMap(({ id: source }, from) =>
        actors.map(({ id: destination }, to) => ({ source, destination, cell: matrix.cell(from, to) })),
      )
      const { port } = matrix
      const count = { allowed: 0, denied: 0, unreachable: 0 }
      for (const { cell } of cells) count[cell.verdict]++
      expect(countCells(model, whole, matrix)).toEqual(count)
      expect(cells.map(({ cell, ...ends }) => ({ set, ...ends, ...port, ...said(cell) }))).toEqual(
        cells.map(({ source, destination }) => {
          const flow = { source, destination, ...port }
          return { set, ...flow, ...evaluated(model, flow) }
        }),
      )
    }
  }
})

test.each(Object.entries(trickyCases))(
  'every cell is what the engine says of its flow, tricky case %s',
  (_, one) => {
    const model = buildModel([...smallCluster(), ...one.objects], one.options)
    const whole = policyMatrix(model, ports)
    for (const matrix of whole.ports()) {
      const pairs = whole.actors.flatMap(({ id: source }, from) =>
        whole.actors.map(({ id: destination }, to) => ({ source, destination, cell: matrix.cell(from, to) })),
      )
      const count = { allowed: 0, denied: 0, unreachable: 0 }
      for (const { cell } of pairs) count[cell.verdict]++
      expect(countCells(model, whole, matrix)).toEqual(count)
      expect(pairs.map(({ cell, ...ends }) => ({ ...ends, ...said(cell) }))).toEqual(
        pairs.map(({ cell: _, ...ends }) => ({ ...ends, ...evaluated(model, { ...ends, ...matrix.port }) })),
      )
    }
  },
)

test('pods that no policy tells apart are one class', () => {
  const replicas = [1, 2, 3].map((index) =>
    pod(`x/r${index}`, 'n1', { labels: { app: 'r', index: `${index}` }, address: `10.0.1.2${index}` }),
  )
  const allow = knp({
    podSelector: { matchLabels: { app: 'r' } },
    ingress: [{ from: [{ podSelector: {} }] }],
  })
  const matrix = policyMatrix(buildModel([...smallCluster(), ...replicas, allow]), [
    { protocol: 'TCP', port: 80 },
  ])
  expect(matrix.classes.map(({ members }) => members.map(({ id }) => id))).toEqual([
    ['x/a', 'x/b'],
    ['x/h', 'x/h2'],
    ['x/r1', 'x/r2', 'x/r3'],
    ['y/c'],
  ])
})

test.each([
  ['an ipBlock', knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.1.2/32' } }] }] })],
  [
    'a named port',
    gnp({
      types: ['Ingress'],
      ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['http'] } }],
    }),
  ],
  ['a policy', np({ selector: "app == 'b'", types: ['Egress'] })],
  [
    'a Service',
    np({
      selector: 'all()',
      egress: [{ action: 'Allow', destination: { services: { name: 's', namespace: 'x' } } }],
    }),
  ],
  [
    'a label in a rule',
    cnp({
      ingress: [
        {
          action: 'Deny',
          from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'b' } } } }],
        },
      ],
    }),
  ],
])('%s tells pods apart', (_name, policy) => {
  const model = buildModel([...smallCluster(), slice('x/s', '10.0.1.2'), policy])
  const { classes } = policyMatrix(model, [{ protocol: 'TCP', port: 80 }])
  expect(classes.find(({ members }) => members.some(({ id }) => id === 'x/a'))!.members).toHaveLength(1)
})

test('pods without a common family do not meet', () => {
  const six = pod('x/six', 'n1', { address: 'fd00::1' })
  const { actors, ports: matrices } = policyMatrix(buildModel([...smallCluster(), six]), ports)
  const place = (name: string) => actors.findIndex(({ id }) => id === name)
  const [first] = matrices()
  expect(first!.cell(place('x/a'), place('x/six'))).toEqual({
    verdict: 'unreachable',
    egress: null,
    ingress: null,
  })
})

describe('every cell is what the engine says', () => {
  const dual = (id: string, four: string, six: string, nodeName: string) => ({
    ...pod(id, nodeName, { labels: { app: id.slice(2) } }),
    status: { podIPs: [{ ip: four }, { ip: six }], phase: 'Running' },
  })
  const onlySix = (id: string, six: string) => ({
    ...dual(id, '', six, 'n2'),
    status: { podIPs: [{ ip: six }] },
  })

  test.each<[string, KubernetesObject[], ModelOptions]>([
    [
      'in either family',
      [
        dual('x/d', '10.0.1.8', 'fd00::8', 'n1'),
        onlySix('y/e', 'fd00::e'),
        onlySix('y/f', 'fd00::f'),
        np({ selector: "app == 'd'", ingress: [{ action: 'Allow', source: { notNets: ['fd00::e/128'] } }] }),
        np(
          { selector: "app == 'd'", ingress: [{ action: 'Allow', source: { nets: ['10.0.1.1/32'] } }] },
          'n2',
        ),
        gnp({
          selector: "app in {'e', 'f'}",
          ingress: [{ action: 'Allow', source: { selector: "app == 'd'" } }],
        }),
        gnp(
          {
            selector: "app in {'e', 'f'}",
            egress: [{ action: 'Deny', destination: { selector: "app == 'f'" } }, { action: 'Allow' }],
          },
          'g2',
        ),
      ],
      {},
    ],
    [
      'for what a node sends through its tunnel, and what it is sent',
      [
        gnp({
          selector: "app in {'a', 'c'}",
          ingress: [
            { action: 'Deny', source: { nets: ['10.0.1.0/32', '10.0.2.0/32'] } },
            { action: 'Allow' },
          ],
          egress: [{ action: 'Deny', destination: { nets: ['172.18.0.2/32'] } }, { action: 'Allow' }],
        }),
      ],
      { encapsulated: true },
    ],
    [
      'for host-network pods with addresses of their own',
      [
        pod('x/own', 'n1', { hostNetwork: true, address: '172.18.9.9' }),
        gnp({
          selector: "app == 'c'",
          ingress: [{ action: 'Deny', source: { nets: ['172.18.9.9/32'] } }, { action: 'Allow' }],
        }),
      ],
      {},
    ],
    [
      'where rules narrow the pods that they are for',
      [
        gnp({
          selector: "app in {'a', 'b'}",
          ingress: [
            { action: 'Allow', destination: { selector: "app == 'a'" }, source: { selector: "app == 'c'" } },
            { action: 'Allow', destination: { selector: "app == 'b'" }, source: { nets: ['172.18.0.0/16'] } },
          ],
        }),
      ],
      {},
    ],
    [
      'for pods whose node nobody knows',
      [
        pod('x/lost', '', { hostNetwork: true, address: '172.18.9.9' }),
        pod('x/plain', '', { address: '10.0.1.9' }),
        gnp({ selector: "app == 'plain'", types: ['Ingress'] }),
      ],
      { endpointToHost: 'drop' },
    ],
    [
      'between host-network pods of one node that drops what its pods send it',
      [
        pod('x/h3', 'n1', { hostNetwork: true, address: '172.18.0.2' }),
        gnp({ selector: "app == 'a'", types: ['Egress'] }),
      ],
      { endpointToHost: 'drop' },
    ],
    [
      'beside a node that has a HostEndpoint',
      [
        calico('HostEndpoint', { name: 'h', labels: { host: 'yes' } }, { node: 'n1', interfaceName: '*' }),
        onlySix('y/six', 'fd00::6'),
        ...['c2', 'c3'].map((name, index) =>
          pod(`y/${name}`, `n${index + 2}`, { labels: { app: 'c' }, address: `10.0.9.${index}` }),
        ),
        pod('x/h3', 'n3', { hostNetwork: true, address: '172.18.0.4' }),
        gnp({ selector: "app == 'c'", ingress: [{ action: 'Allow', source: { selector: "app == 'a'" } }] }),
      ],
      { endpointToHost: 'drop' },
    ],
    [
      'where it depends on the nodes what is tunnelled',
      [
        ...[1, 2, 3].map((index) => {
          const annotations = {
            'projectcalico.org/IPv4Address': `172.18.${index === 3 ? 9 : 0}.${index + 1}/24`,
            'projectcalico.org/IPv4VXLANTunnelAddr': `10.0.${index}.0`,
          }
          return make('v1', 'Node', { name: `n${index}`, annotations })
        }),
        calico('IPPool', { name: 'p' }, { cidr: '10.0.0.0/8', vxlanMode: 'CrossSubnet' }),
        pod('y/far', 'n3', { labels: { app: 'c' }, address: '10.0.3.1' }),
        gnp({ selector: "app == 'c'", ingress: [{ action: 'Allow', source: { nets: ['172.18.0.0/16'] } }] }),
      ],
      {},
    ],
  ])('%s', (_, objects, options) => {
    const model = buildModel([...smallCluster(), ...objects], options)
    const whole = policyMatrix(model, ports.slice(0, 2))
    for (const matrix of whole.ports()) {
      const count = { allowed: 0, denied: 0, unreachable: 0 }
      for (const [from, { id: source }] of whole.actors.entries())
        for (const [to, { id: destination }] of whole.actors.entries()) {
          const flow = { source, destination, ...matrix.port }
          const cell = matrix.cell(from, to)
          count[cell.verdict]++
          expect({ ...flow, ...said(cell) }).toEqual({ ...flow, ...evaluated(model, flow) })
        }
      expect(countCells(model, whole, matrix)).toEqual(count)
    }
  })
})

const tunnels = ['n1', 'n2'].map((name, index) => {
  const annotations = { 'projectcalico.org/IPv4VXLANTunnelAddr': `203.0.113.${index + 1}` }
  return make('v1', 'Node', { name, annotations })
})

/** Some pods lose a family, or prefer the other, or have no address yet. */
function withSomeFamilies(random: Random, object: KubernetesObject): KubernetesObject {
  const podIPs = object.status?.podIPs as unknown[] | undefined
  if (!podIPs || random.chance(0.4)) return object
  const [four, six] = podIPs
  return { ...object, status: { podIPs: random.pick([[four], [six], [six, four], []]) } }
}

function said({ verdict, egress, ingress }: MatrixCell) {
  return { verdict, egress: egress?.decidedBy ?? null, ingress: ingress?.decidedBy ?? null }
}

function evaluated(model: Model, flow: Parameters<typeof evaluate>[1]) {
  try {
    const { verdict, egress, ingress } = evaluate(model, flow)
    return { verdict, egress: egress?.decidedBy ?? null, ingress: ingress?.decidedBy ?? null }
  } catch {
    return { verdict: 'unreachable', egress: null, ingress: null }
  }
}
