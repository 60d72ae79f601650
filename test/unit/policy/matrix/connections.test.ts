import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import {
  buildModel,
  connectionMatrix,
  connectionProtocols,
  evaluate,
  type Flow,
  type Model,
  type ModelOptions,
  portSetText,
} from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { addresses, calico, gnp, knp, np, slice, smallCluster } from '../small-cluster.ts'
import { trickyCases } from '../tricky-cases.ts'

test.each(seeds)(
  'open ports are those that the engine lets through, on random policy sets, seed %i',
  (seed) => {
    const random = new Random(seed)
    for (let set = 0; set < scaled(30); set++) {
      const model = buildModel([...randomCluster(random), ...randomPolicies(random)])
      const { actors, between } = connectionMatrix(model)
      for (let index = 0; index < 60; index++) {
        const [from, to] = [random.below(actors.length), random.below(actors.length)]
        const protocol = random.pick(connectionProtocols)
        const near = random.pick([53, 80, 81, 443, 4789]) + random.below(3) - 1
        const port = random.chance(0.2) ? 1 + random.below(65535) : near
        const open = between(from, to)[protocol].some(({ first, last }) => first <= port && port <= last)
        const ends = { source: actors[from]!.id, destination: actors[to]!.id }
        const { verdict } = evaluate(model, { ...ends, protocol, port })
        expect({ set, ...ends, protocol, port, open }).toEqual({
          set,
          ...ends,
          protocol,
          port,
          open: verdict === 'allowed',
        })
      }
    }
  },
)

test.each(Object.entries(trickyCases))(
  'open ports are those that the engine lets through, tricky case %s',
  (_, one) => {
    const model = buildModel([...smallCluster(), ...one.objects], one.options)
    const { actors, between } = connectionMatrix(model)
    const numbers = [1, 52, 53, 54, 79, 80, 81, 443, 4789, 4790, 8080, 65535]
    for (const [from, { id: source }] of actors.entries())
      for (const [to, { id: destination }] of actors.entries())
        for (const protocol of connectionProtocols) {
          const ports = between(from, to)[protocol]
          const open = numbers.filter((port) =>
            ports.some(({ first, last }) => first <= port && port <= last),
          )
          const passing = numbers.filter((port) => passes(model, { source, destination, protocol, port }))
          if (`${open}` !== `${passing}`)
            throw new Error(`${source} -> ${destination} ${protocol}: open are ${open}, and ${passing} pass`)
        }
  },
)

/** The open ports of each protocol from one pod to another, as text. */
function opened(objects: KubernetesObject[], from: string, to: string, options: ModelOptions = {}): string[] {
  const { actors, between } = connectionMatrix(buildModel([...smallCluster(), ...objects], options))
  const place = (name: string) => actors.findIndex(({ id }) => id === name)
  return Object.entries(between(place(from), place(to))).map(
    ([protocol, ports]) => `${protocol} ${portSetText(ports)}`,
  )
}

test('ranges, named ports and single ports come out exactly', () => {
  const ports = [
    { port: 8000, endPort: 8100 },
    { port: 'http' },
    { port: 8101 },
    { port: 53, protocol: 'UDP' },
  ]
  const policy = knp({ podSelector: {}, ingress: [{ ports }] })
  expect(opened([policy], 'x/b', 'x/a')).toEqual(['TCP 80,8000-8101', 'UDP 53', 'SCTP none'])
  expect(opened([policy], 'x/a', 'x/b')).toEqual(['TCP 8000-8101', 'UDP 53', 'SCTP none'])
  expect(opened([policy], 'x/a', 'y/c')).toEqual(['TCP all', 'UDP 1-4788,4790-65535', 'SCTP all'])
  expect(opened([policy], 'x/a', 'x/a')).toEqual(['TCP all', 'UDP all', 'SCTP all'])
})

describe('where a line is drawn:', () => {
  const tcp = { action: 'Allow', protocol: 'TCP' }
  const toA = { selector: "app == 'a'" }
  const out = (destination: object, more: object = {}) =>
    np({ selector: "app == 'b'", types: ['Egress'], egress: [{ ...tcp, ...more, destination }] })
  test.each<[string, KubernetesObject[], string[]]>([
    ['the last port', [out({ ports: ['65000:65535'] })], ['TCP 65000-65535', 'UDP none', 'SCTP none']],
    ['the first port', [out({ ports: [1] })], ['TCP 1', 'UDP none', 'SCTP none']],
    ['the very last port', [out({ ports: [65535] })], ['TCP 65535', 'UDP none', 'SCTP none']],
    ['in whatever order', [out({ ports: ['90:99', 80, 7] })], ['TCP 7,80,90-99', 'UDP none', 'SCTP none']],
    [
      'up to the last port',
      [np({ ...toA, ingress: [{ ...tcp, action: 'Deny', destination: { ports: ['65000:65535'] } }, tcp] })],
      ['TCP 1-64999', 'UDP none', 'SCTP none'],
    ],
    [
      'what is left out',
      [out({ notPorts: [80, '90:99'] })],
      ['TCP 1-79,81-89,100-65535', 'UDP none', 'SCTP none'],
    ],
    [
      'a named port that is left out',
      [out({ notPorts: ['http'] })],
      ['TCP 1-79,81-65535', 'UDP none', 'SCTP none'],
    ],
    [
      'a named port of another protocol alone',
      [out({ ports: ['dns'] }, { protocol: 'UDP' })],
      ['TCP none', 'UDP 53', 'SCTP none'],
    ],
    [
      'a named port of ingress',
      [np({ ...toA, ingress: [{ ...tcp, destination: { ports: ['http'] } }] })],
      ['TCP 80', 'UDP none', 'SCTP none'],
    ],
    [
      'the port of a Service',
      [
        np({
          selector: 'all()',
          types: ['Egress'],
          egress: [{ action: 'Allow', destination: { services: { name: 's', namespace: 'x' } } }],
        }),
        slice('x/s', '10.0.1.1', [{ port: 444 }, { port: 445, protocol: 'SCTP' }]),
      ],
      ['TCP 444', 'UDP none', 'SCTP 445'],
    ],
    ['nowhere', [np({ ...toA, ingress: [] })], ['TCP none', 'UDP none', 'SCTP none']],
  ])('%s', (_, objects, expected) => {
    expect(opened(objects, 'x/b', 'x/a')).toEqual(expected)
  })

  test('the port of VXLAN, wherever it is', () => {
    const options = { vxlanPort: 8472 }
    expect(opened([], 'x/a', 'x/b', options)).toEqual(['TCP all', 'UDP 1-8471,8473-65535', 'SCTP all'])
  })

  test('failsafe ports of hosts, and policies that are asked before others', () => {
    const hep = calico(
      'HostEndpoint',
      { name: 'h' },
      { node: 'n2', interfaceName: 'eth0', expectedIPs: [addresses.n2] },
    )
    const felix = calico(
      'FelixConfiguration',
      { name: 'default' },
      {
        failsafeInboundHostPorts: [{ protocol: 'TCP', port: 22 }],
        failsafeOutboundHostPorts: [{ protocol: 'UDP', port: 53 }],
      },
    )
    expect(opened([hep, felix], 'x/h', 'x/h2')).toEqual(['TCP 22', 'UDP none', 'SCTP none'])
    expect(opened([hep, felix], 'x/h2', 'x/h')).toEqual(['TCP none', 'UDP 53', 'SCTP none'])
    const early = (spec: object) =>
      gnp({
        applyOnForward: true,
        ...spec,
        ingress: [{ action: 'Allow', protocol: 'SCTP', destination: { ports: [7] } }],
      })
    expect(opened([hep, felix, early({ preDNAT: true })], 'x/h', 'x/h2')).toEqual([
      'TCP 22',
      'UDP none',
      'SCTP 7',
    ])
    expect(opened([hep, felix, early({ doNotTrack: true })], 'x/h', 'x/h2')).toEqual([
      'TCP 22',
      'UDP none',
      'SCTP 7',
    ])
  })
})

test('between classes it is as between two of their pods that are not on one node', () => {
  const closed = np({ selector: "app == 'a'", ingress: [] })
  const { actors, classes, classOf, ofClasses, between } = connectionMatrix(
    buildModel([...smallCluster(), closed]),
  )
  const place = (name: string) => actors.findIndex(({ id }) => id === name)
  const [host, a] = [place('x/h'), place('x/a')]
  expect(classes[classOf[a]!]!.members.map(({ id }) => id)).toEqual(['x/a'])
  expect(portSetText(ofClasses(classOf[host]!, classOf[a]!).TCP)).toBe('none')
  expect(portSetText(between(host, a).TCP)).toBe('all')
  expect(portSetText(ofClasses(classOf[a]!, classOf[host]!).TCP)).toBe('all')
})

test('a node may be told to drop what its own pods send to it', () => {
  const options = { endpointToHost: 'drop' as const }
  expect(opened([], 'x/a', 'x/h', options)).toEqual(['TCP none', 'UDP none', 'SCTP none'])
  expect(opened([], 'y/c', 'x/h', options)).toEqual(['TCP all', 'UDP 1-4788,4790-65535', 'SCTP all'])
})

/** Ends without a common family do not meet. */
function passes(model: Model, flow: Flow): boolean {
  try {
    return evaluate(model, flow).verdict === 'allowed'
  } catch {
    return false
  }
}
