import { buildModel } from '../../../../src/policy/index.ts'
import { SampleFlows } from '../../../../src/policy/lint/sample-flows.ts'
import { calico, gnp, np, pod, port, slice } from '../small-cluster.ts'

type Objects = Parameters<typeof buildModel>[0]

const pods = [
  pod('x/a', 'n1', { labels: { app: 'a' }, address: '10.0.0.1', ports: [port('http', 8080)] }),
  pod('x/b', 'n1', { labels: { app: 'b' }, address: '10.0.0.2' }),
  pod('x/c', 'n1', { labels: { app: 'c' }, address: '10.0.0.3' }),
]

/** The flows of the first rule of a policy for x/a, and the packets between their ends. */
function flowsOf(rule: object, direction: 'ingress' | 'egress' = 'ingress', more: Objects = []) {
  const types = direction === 'ingress' ? ['Ingress'] : ['Egress']
  const own = gnp({ selector: "app == 'a'", types, [direction]: [{ action: 'Allow', ...rule }] }, 'own')
  const model = buildModel([...pods, own, ...more])
  const policy = model.tiers.flatMap(({ policies }) => policies).find(({ ref }) => ref.name === 'own')!
  const flows = [...new SampleFlows(model).of(policy, direction, policy.rules[direction]![0]!)]
  const packets = flows[0]?.packets ?? []
  return {
    ends: flows.map(({ flow }) => `${flow.source} -> ${flow.destination}`),
    protocols: [...new Set(packets.map(({ protocol }) => protocol))],
    ports: [...new Set(packets.filter(({ protocol }) => protocol === 6).map(({ port }) => port))].sort(
      (a, b) => a - b,
    ),
    sourcePorts: [...new Set(packets.map(({ sourcePort }) => sourcePort))].sort((a, b) => a - b),
    icmp: packets
      .filter(({ protocol }) => protocol === 1 || protocol === 58)
      .map(({ icmp }) => `${icmp.type}/${icmp.code}`),
  }
}

describe('the ends of a rule', () => {
  test('one pod of those that are alike, and one address outside', () => {
    expect(flowsOf({}).ends).toEqual(['203.0.113.254 -> x/a', 'x/b -> x/a'])
    expect(flowsOf({}, 'egress').ends).toEqual(['x/a -> 203.0.113.254', 'x/a -> x/b'])
  })

  test('pods that some selector tells apart', () => {
    const other = np({ selector: "app == 'c'", types: ['Ingress'] })
    expect(flowsOf({}, 'ingress', [other]).ends).toEqual(['203.0.113.254 -> x/a', 'x/b -> x/a', 'x/c -> x/a'])
  })

  test('those that the peer selects', () => {
    expect(flowsOf({ source: { selector: "app == 'b'" } }).ends).toEqual([
      '203.0.113.254 -> x/a',
      'x/b -> x/a',
    ])
    expect(flowsOf({ destination: { selector: "app == 'b'" } }, 'egress').ends).toEqual([
      'x/a -> 203.0.113.254',
      'x/a -> x/b',
    ])
    expect(flowsOf({ source: { selector: "app == 'nobody'" } }).ends).toEqual([])
  })

  test('both sides of every end of a block, within the blocks of the rule', () => {
    const set = calico('GlobalNetworkSet', { name: 's' }, { nets: ['192.0.2.0/31'] })
    expect(flowsOf({ source: { notNets: ['198.51.100.0/24'] } }, 'ingress', [set]).ends.slice(0, -1)).toEqual(
      [
        '198.51.99.255',
        '198.51.100.0',
        '198.51.100.255',
        '198.51.101.0',
        '192.0.1.255',
        '192.0.2.0',
        '192.0.2.1',
        '192.0.2.2',
        '203.0.113.254',
      ].map((address) => `${address} -> x/a`),
    )
    expect(flowsOf({ source: { nets: ['198.51.100.0/31', '192.0.2.0/31'] } }).ends.slice(0, -1)).toEqual(
      ['198.51.100.0', '198.51.100.1', '192.0.2.0', '192.0.2.1'].map((address) => `${address} -> x/a`),
    )
    expect(flowsOf({ source: { nets: ['198.51.100.0/24'] } }).ends).toEqual([
      '198.51.100.0 -> x/a',
      '198.51.100.255 -> x/a',
      'x/b -> x/a',
    ])
  })

  test('not what is before the first address or after the last', () => {
    expect(flowsOf({ source: { nets: ['0.0.0.0/0'] } }).ends).toEqual([
      '0.0.0.0 -> x/a',
      '255.255.255.255 -> x/a',
      '203.0.113.254 -> x/a',
      'x/b -> x/a',
    ])
  })

  test('addresses of a Service', () => {
    const services = { name: 'api', namespace: 'y' }
    expect(
      flowsOf({ source: { services } }, 'ingress', [slice('y/api', '192.0.2.9')]).ends.slice(0, 4),
    ).toEqual(['192.0.2.8', '192.0.2.9', '192.0.2.10', '203.0.113.254'].map((address) => `${address} -> x/a`))
  })

  test('pods that a Service sends to with one of their addresses', () => {
    const podIPs = [{ ip: '10.0.0.9' }, { ip: 'fd00::9' }]
    const dual = { ...pod('x/dual', 'n1', { labels: { app: 'dual' } }), status: { podIPs } }
    const services = { name: 'api', namespace: 'y' }
    const { ends } = flowsOf({ source: { services } }, 'ingress', [dual, slice('y/api', '10.0.0.9')])
    expect(ends).toContain('x/dual -> x/a')
    expect(ends).not.toContain('x/b -> x/a')
  })

  test('in every family that pods have', () => {
    const six = pod('x/six', 'n1', { labels: { app: 'six' }, address: 'fd00::6' })
    const { ends } = flowsOf({ source: { notNets: ['fd00::/64'] } }, 'ingress', [six])
    expect([...new Set(ends)]).toEqual(
      [
        'fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
        'fd00::',
        'fd00::ffff:ffff:ffff:ffff',
        'fd00:0:0:1::',
        '203.0.113.254',
        '2001:db8::fe',
        'x/b',
        'x/six',
      ].map((end) => `${end} -> x/a`),
    )
    expect(ends).toHaveLength(16)
  })
})

describe('the packets of a rule', () => {
  test('of any protocol, those that policies may speak of and one that none does', () => {
    expect(flowsOf({}).protocols).toEqual([6, 17, 132, 1, 58, 50])
    expect(flowsOf({ notProtocol: 'UDP' }).protocols).toEqual([6, 132, 1, 58, 50])
    expect(flowsOf({}, 'ingress', [np({ ingress: [{ action: 'Deny', protocol: 47 }] })]).protocols).toContain(
      47,
    )
    const not = np({ ingress: [{ action: 'Deny', notProtocol: 48 }] })
    expect(flowsOf({}, 'ingress', [not]).protocols).toContain(48)
    expect(flowsOf({ protocol: 'TCP' }).protocols).toEqual([6])
    expect(flowsOf({ protocol: 47 }).protocols).toEqual([47])
  })

  test('both sides of every end of a range of ports, of any rule and of named ports', () => {
    const other = np({
      ingress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: ['90:99'], notPorts: [7] } }],
    })
    const named = [8079, 8080, 8081]
    expect(flowsOf({}).ports).toEqual([...named, 61_234])
    expect(flowsOf({}, 'ingress', [other]).ports).toEqual([6, 7, 8, 89, 90, 99, 100, ...named, 61_234])
    expect(flowsOf({ protocol: 'TCP', destination: { ports: [80] } }, 'ingress', [other]).ports).toEqual([80])
    expect(flowsOf({ protocol: 'TCP', destination: { ports: [80, '90:91'] } }).ports).toEqual([80, 90, 91])
    expect(flowsOf({ protocol: 'TCP', destination: { ports: ['http', 80] } }).ports).toEqual([
      79,
      80,
      81,
      ...named,
      61_234,
    ])
    expect(flowsOf({ protocol: 'TCP', destination: { notPorts: [1, 65535] } }).ports).toEqual([
      1,
      2,
      ...named,
      61_234,
      65_534,
      65_535,
    ])
  })

  test('source ports where some rule speaks of them', () => {
    expect(flowsOf({}).sourcePorts).toEqual([49_152, 61_234])
    const other = np({
      ingress: [{ action: 'Deny', protocol: 'TCP', source: { ports: [53], notPorts: [9] } }],
    })
    expect(flowsOf({}, 'ingress', [other]).sourcePorts).toEqual([8, 9, 10, 52, 53, 54, 49_152, 61_234])
    expect(flowsOf({ protocol: 'TCP', source: { ports: [53] } }).sourcePorts).toEqual([53])
  })

  test('ICMP of every type that rules speak of, with another code, and of two others', () => {
    expect(flowsOf({ protocol: 'ICMP' }).icmp).toEqual(['8/0', '254/0'])
    const rule = { protocol: 'ICMPv6', icmp: { type: 128, code: 3 }, notICMP: { type: 1 } }
    const six = pod('x/a6', 'n1', { labels: { app: 'a' }, address: 'fd00::6' })
    expect(flowsOf(rule, 'ingress', [six]).icmp).toEqual(['128/3', '128/4', '1/0', '1/1', '8/0', '254/0'])
  })
})

test('pods are told apart by the port names that rules use, by blocks and by families', () => {
  const more = [
    pod('x/d', 'n1', { labels: { app: 'd' }, address: '10.0.0.4', ports: [port('http', 80)] }),
    pod('x/e', 'n1', { labels: { app: 'e' }, address: '10.0.9.5', ports: [port('other', 80)] }),
    pod('x/f', 'n1', { labels: { app: 'f' }, address: 'fd00::7' }),
  ]
  const kinds = (...policies: Objects) =>
    new SampleFlows(buildModel([...pods, ...more, ...policies])).pods.map(({ id }) => id)
  expect(kinds()).toEqual(['x/a', 'x/f'])
  const named = np({ ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: ['http'] } }] })
  expect(kinds(named)).toEqual(['x/a', 'x/b', 'x/d', 'x/f'])
  const block = np({ ingress: [{ action: 'Allow', source: { nets: ['10.0.9.0/24'] } }] })
  expect(kinds(block)).toEqual(['x/a', 'x/e', 'x/f'])
  const dual = (id: string, ip: string) => ({
    ...pod(id, 'n1'),
    status: { podIPs: [{ ip }, { ip: 'fd00::8' }] },
  })
  expect(kinds(block, dual('x/g', '10.0.9.8'), dual('x/h', '10.0.8.8'))).toEqual([
    'x/a',
    'x/e',
    'x/f',
    'x/g',
    'x/h',
  ])
})
