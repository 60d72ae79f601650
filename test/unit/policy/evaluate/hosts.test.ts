import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel, evaluate, explain, policyMatrix } from '../../../../src/policy/index.ts'
import { addresses, calico, flow, gnp, make, smallCluster } from '../small-cluster.ts'

const allow = { action: 'Allow' }
const deny = { action: 'Deny' }
const both = { ingress: [allow], egress: [allow] }

/** A HostEndpoint with the label host=<node>; for eth0 unless said otherwise. */
function hep(node: 'n1' | 'n2', spec: object = {}, name = `hep-${node}`): KubernetesObject {
  const own = { node, interfaceName: 'eth0', expectedIPs: [addresses[node]] }
  return calico('HostEndpoint', { name, labels: { host: node } }, { ...own, ...spec })
}

const everywhere = { interfaceName: '*' }
const open = { profiles: ['projectcalico-default-allow'] }
const onHosts = (spec: object, name = 'g') => gnp({ selector: 'has(host)', ...spec }, name)

function verdicts(objects: KubernetesObject[], texts: string[]): string[] {
  const model = buildModel([...smallCluster(), ...objects])
  return texts.filter((text) => evaluate(model, flow(text)).verdict === 'allowed')
}

function reason(objects: KubernetesObject[], text: string): string {
  return evaluate(buildModel([...smallCluster(), ...objects]), flow(text)).reason
}

const pods = ['x/a -> x/b TCP/80', 'x/a -> y/c TCP/80']
const toHosts = ['outside -> n1 TCP/80', 'x/h2 -> n1 TCP/80', 'y/c -> n1 TCP/80']
const fromHosts = ['x/h -> outside TCP/80', 'x/h -> y/c TCP/80', 'x/h -> n2 TCP/80']
const ownPods = ['x/h -> x/a TCP/80', 'x/a -> n1 TCP/80', 'x/h -> x/h TCP/80']
const all = [...pods, ...toHosts, ...fromHosts, ...ownPods]

describe('a HostEndpoint', () => {
  test('without policy or profile closes the host, and neither its pods nor what passes through', () => {
    expect(verdicts([hep('n1')], all)).toEqual([...pods, ...ownPods])
    expect(reason([hep('n1')], 'outside -> n1 TCP/80')).toBe(
      'ingress of HostEndpoint hep-n1: no policy allows it, and no profile does',
    )
  })

  test('with a profile that allows changes nothing', () => {
    expect(verdicts([hep('n1', open)], all)).toEqual(all)
    expect(verdicts([hep('n1', { profiles: ['kns.x'] })], all)).toEqual(all)
    expect(verdicts([hep('n1', { profiles: ['ksa.x.default', 'kns.gone'] })], toHosts)).toEqual([])
  })

  test('leaves failsafe ports open, by direction', () => {
    const asked = [
      'outside -> n1 TCP/22',
      'x/h -> outside TCP/22',
      'x/h -> outside UDP/53',
      'outside -> n1 UDP/53',
    ]
    expect(verdicts([hep('n1'), onHosts({ ingress: [deny], egress: [deny] })], asked)).toEqual([
      asked[0],
      asked[2],
    ])
    expect(reason([hep('n1')], asked[0]!)).toBe(
      'ingress of HostEndpoint hep-n1: TCP/22 is a failsafe port, which no policy closes',
    )
  })

  test('takes its failsafe ports from FelixConfiguration', () => {
    const settings = calico(
      'FelixConfiguration',
      { name: 'default' },
      {
        failsafeInboundHostPorts: [{ protocol: 'tcp', port: 80, net: '203.0.113.0/24' }],
        failsafeOutboundHostPorts: [],
      },
    )
    const asked = [
      'outside -> n1 TCP/80',
      'y/c -> n1 TCP/80',
      'outside -> n1 TCP/22',
      'x/h -> outside UDP/53',
    ]
    expect(verdicts([hep('n1'), settings], asked)).toEqual([asked[0]])
    const out = { failsafeOutboundHostPorts: [{ protocol: 'udp', port: 53, net: '203.0.113.0/24' }] }
    const outward = calico('FelixConfiguration', { name: 'default' }, out)
    expect(verdicts([hep('n1'), outward], ['x/h -> outside UDP/53', 'x/h -> n2 UDP/53'])).toEqual([asked[3]])
  })

  test('sees pods of other nodes under their node, which translates them', () => {
    const fromNode = onHosts({ ingress: [{ ...allow, source: { nets: [`${addresses.n2}/32`] } }] })
    expect(verdicts([hep('n1'), fromNode], ['y/c -> n1 TCP/80'])).toHaveLength(1)
    const pool = calico('IPPool', { name: 'p' }, { cidr: '10.0.0.0/8', natOutgoing: false })
    expect(verdicts([hep('n1'), fromNode, pool], ['y/c -> n1 TCP/80'])).toEqual([])
  })

  test('of all interfaces gives way to one of an interface', () => {
    const star = hep('n1', everywhere, 'a-star')
    expect(verdicts([star, hep('n1', open, 'z-eth0')], ['outside -> n1 TCP/80'])).toHaveLength(1)
    expect(
      verdicts([star, hep('n1', open, 'z-other'), hep('n1', {}, 'b-first')], ['outside -> n1 TCP/80']),
    ).toEqual([])
  })

  test('is found by the address that is asked for', () => {
    const second = hep('n1', { interfaceName: 'eth1', expectedIPs: ['192.0.2.1'] }, 'second')
    const model = buildModel([...smallCluster(), hep('n1', open), second])
    const to = (destination: string) =>
      evaluate(model, { source: '203.0.113.7', destination, protocol: 'TCP', port: 80 }).verdict
    expect([to(addresses.n1), to('192.0.2.1')]).toEqual(['allowed', 'denied'])
  })

  test('of all interfaces governs what a node says to itself', () => {
    const other = {
      ...make('v1', 'Pod', { namespace: 'x', name: 'h3' }),
      spec: { nodeName: 'n1', hostNetwork: true },
    }
    const asked = ['x/h -> x/h3 TCP/80']
    expect(verdicts([other, hep('n1')], asked)).toHaveLength(1)
    expect(verdicts([other, hep('n1', everywhere)], asked)).toEqual([])
  })
})

describe('policies of hosts', () => {
  test('that are normal leave forwarded traffic alone; applyOnForward takes it in', () => {
    const closed = onHosts({ ingress: [deny], egress: [deny] })
    const through = [
      'outside -> x/a TCP/80',
      'x/a -> outside TCP/80',
      'x/a -> y/c TCP/80',
      'x/a -> x/b TCP/80',
    ]
    expect(verdicts([hep('n1'), closed], through)).toEqual(through)
    const forwarded = { ...closed, spec: { ...closed.spec, applyOnForward: true } }
    expect(verdicts([hep('n1'), forwarded], through)).toEqual(['x/a -> x/b TCP/80'])
    expect(reason([hep('n1'), forwarded], through[1]!)).toBe(
      'forwarded egress of HostEndpoint hep-n1: rule 0 (deny) of GlobalNetworkPolicy g',
    )
  })

  test('that are forwarded have no failsafe ports and ask no profile', () => {
    const some = onHosts({
      applyOnForward: true,
      ingress: [{ ...allow, protocol: 'TCP', destination: { ports: [80] } }],
    })
    const asked = ['outside -> x/a TCP/80', 'outside -> x/a TCP/22', 'x/a -> outside TCP/80']
    expect(verdicts([hep('n1', open), some], asked)).toEqual([asked[0], asked[2]])
  })

  test('of all interfaces see what passes between pods of one node', () => {
    const forwarded = onHosts({ applyOnForward: true, ingress: [deny] })
    expect(verdicts([hep('n1', everywhere), forwarded], ['x/a -> x/b TCP/80'])).toEqual([])
  })

  test('of all interfaces see what goes to a pod, and not what a pod says to its node', () => {
    const asked = ['outside -> x/a TCP/80', 'x/a -> x/b TCP/80', 'x/a -> y/c TCP/80', 'x/a -> n1 TCP/80']
    const closed = (spec: object) => [
      hep('n1', { ...everywhere, ...open }),
      onHosts({ applyOnForward: true, ...spec }),
    ]
    const onlyEgress = closed({ egress: [deny] })
    expect(verdicts(onlyEgress, asked)).toEqual(asked.slice(3))
    expect(reason(onlyEgress, asked[0]!)).toBe(
      'forwarded egress of HostEndpoint hep-n1: rule 0 (deny) of GlobalNetworkPolicy g',
    )
    expect(verdicts(closed({ ingress: [deny] }), asked)).toEqual(asked.slice(3))
    expect(verdicts(closed({ preDNAT: true, ingress: [deny] }), asked)).toEqual([])
  })

  test('before DNAT come before all others, and what they allow is done with the host', () => {
    const early = onHosts(
      { preDNAT: true, applyOnForward: true, ingress: [{ ...allow, source: { nets: ['203.0.113.0/24'] } }] },
      'early',
    )
    const closed = onHosts({ applyOnForward: true, ingress: [deny] })
    const asked = ['outside -> x/a TCP/80', 'outside -> n1 TCP/80', 'y/c -> x/a TCP/80', 'x/h2 -> n1 TCP/80']
    expect(verdicts([hep('n1'), early, closed], asked)).toEqual(asked.slice(0, 2))
    expect(verdicts([hep('n1', open), onHosts({ ...early.spec, ingress: [deny] })], asked)).toEqual([])
  })

  test('before DNAT isolate nobody at their end', () => {
    const early = onHosts({ preDNAT: true, applyOnForward: true, ingress: [{ ...allow, protocol: 'SCTP' }] })
    expect(
      verdicts([hep('n1', open), early], ['outside -> n1 TCP/80', 'outside -> x/a TCP/80']),
    ).toHaveLength(2)
  })

  test.each([
    ['VXLAN', { vxlanMode: 'Always' }, { protocol: 'UDP', destination: { ports: [4789] } }],
    ['IP in IP', { ipipMode: 'Always' }, { protocol: 4 }],
  ])(
    'before DNAT and without tracking see the packets of the tunnel (%s), which no normal policy does',
    (tunnel, mode, criteria) => {
      const pool = calico('IPPool', { name: 'pods' }, { cidr: '10.0.0.0/16', ...mode })
      const closed = { applyOnForward: true, ingress: [{ ...deny, ...criteria }] }
      const asked = ['x/a -> y/c TCP/80', 'y/c -> x/a TCP/80', 'x/a -> x/b TCP/80', 'x/h2 -> x/a TCP/80']
      const early = onHosts({ preDNAT: true, ...closed })
      expect(verdicts([hep('n1', open), early], asked)).toEqual(asked)
      // IP in IP has no ports: what carries answers is one itself to connection tracking, as it is not with VXLAN.
      expect(verdicts([hep('n1', open), early, pool], asked)).toEqual(
        tunnel === 'VXLAN' ? [asked[2]] : [asked[0], asked[2]],
      )
      expect(reason([hep('n1', open), early, pool], asked[1]!)).toBe(
        'pre-DNAT ingress of HostEndpoint hep-n1: rule 0 (deny) of GlobalNetworkPolicy g',
      )
      expect(verdicts([hep('n1', open), onHosts(closed), pool], asked)).toEqual(asked)
      const raw = onHosts({ doNotTrack: true, applyOnForward: true, egress: closed.ingress })
      expect(verdicts([hep('n1', open), raw, pool], asked)).toEqual(asked.slice(1))
    },
  )

  test('before DNAT match the tunnel by the addresses of its nodes', () => {
    const pool = calico('IPPool', { name: 'pods' }, { cidr: '10.0.0.0/16', vxlanMode: 'Always' })
    const from = (net: string) =>
      onHosts({ preDNAT: true, applyOnForward: true, ingress: [{ ...deny, source: { nets: [net] } }] })
    const asked = ['y/c -> x/a TCP/80']
    expect(verdicts([hep('n1', open), from(`${addresses.n2}/32`), pool], asked)).toEqual([])
    expect(verdicts([hep('n1', open), from('172.18.9.0/24'), pool], asked)).toEqual(asked)
  })

  test('without tracking are asked first, but not on HostEndpoints of all interfaces', () => {
    const raw = onHosts({ doNotTrack: true, applyOnForward: true, ...both }, 'raw')
    const closed = onHosts({ ingress: [deny], egress: [deny] })
    const asked = ['outside -> n1 TCP/80', 'x/h -> outside TCP/80']
    expect(verdicts([hep('n1'), raw, closed], asked)).toEqual(asked)
    expect(verdicts([hep('n1', everywhere), raw, closed], asked)).toEqual([])
  })

  test('that are staged do nothing', () => {
    const staged = { ...onHosts({ ingress: [deny] }), kind: 'StagedGlobalNetworkPolicy' }
    const model = buildModel([...smallCluster(), hep('n1', open), staged])
    expect(evaluate(model, flow('outside -> n1 TCP/80'), { pending: true }).verdict).toBe('allowed')
  })
})

describe('in full, a side says', () => {
  const model = (...objects: KubernetesObject[]) => buildModel([...smallCluster(), ...objects])
  const side = { direction: 'ingress', endpoint: 'hep-n1', stage: 'normal' }

  test('which failsafe port it was', () => {
    expect(evaluate(model(hep('n1')), flow('outside -> n1 TCP/22')).ingress).toEqual({
      ...side,
      verdict: 'allowed',
      decidedBy: { apiVersion: '', kind: 'Failsafe', namespace: null, name: 'TCP/22', tier: '', rule: null },
      trace: [],
    })
  })

  test.each<[string, object, object]>([
    ['allowed', { kind: 'Profile', name: 'projectcalico-default-allow', rule: 0 }, open],
    ['denied', { kind: 'HostEndpoint', name: 'hep-n1', rule: null }, { profiles: ['kns.gone'] }],
  ])('that a profile of a host %s it', (verdict, who, spec) => {
    const decidedBy = { apiVersion: 'projectcalico.org/v3', namespace: null, tier: '__PROFILE__', ...who }
    const hit = {
      direction: 'ingress',
      index: 0,
      action: verdict === 'allowed' ? 'allow' : 'deny',
      ruleIndex: 0,
    }
    const asked = onHosts({ types: ['Egress'] })
    expect(evaluate(model(hep('n1', spec), asked), flow('outside -> n1 TCP/80')).ingress).toEqual({
      ...side,
      verdict,
      decidedBy,
      trace: [{ ...decidedBy, ...hit, staged: false }],
    })
  })

  test('what the pod says where host and pod allow', () => {
    const forwarded = onHosts({ applyOnForward: true, ingress: [allow], egress: [allow] })
    const both = model(hep('n1'), forwarded)
    expect(evaluate(both, flow('outside -> x/a TCP/80')).ingress).toMatchObject({
      endpoint: 'x/a',
      stage: 'pod',
    })
    expect(evaluate(both, flow('x/a -> outside TCP/80')).egress).toMatchObject({
      endpoint: 'x/a',
      stage: 'pod',
    })
    expect(evaluate(both, flow('outside -> n1 TCP/80')).ingress).toMatchObject({ endpoint: 'hep-n1' })
  })
})

test('explain follows a denial to the HostEndpoint, its tiers and the nearest miss', () => {
  const only443 = onHosts({ ingress: [{ ...allow, protocol: 'TCP', destination: { ports: [443] } }] })
  const model = buildModel([...smallCluster(), hep('n1'), only443])
  const { ingress, egress } = explain(model, flow('y/c -> n1 TCP/80'))
  expect(egress).toMatchObject({ endpoint: 'y/c' })
  expect(ingress).toMatchObject({
    endpoint: 'hep-n1',
    tiers: [{ name: 'default', policies: [{ name: 'g', hit: null }] }],
    nearestMiss: { text: 'rule 0 of GlobalNetworkPolicy g would allow it if the destination port were 443' },
  })
})

describe('the way between nodes', () => {
  const pool = (spec: object) =>
    calico('IPPool', { name: 'p' }, { cidr: '10.0.0.0/8', natOutgoing: true, ...spec })
  const fromNode = gnp({
    selector: "app == 'c'",
    ingress: [{ ...allow, source: { nets: ['172.18.0.0/16'] } }],
  })
  const asked = ['x/h -> y/c TCP/80']

  test('is told by the pools: a tunnel has an address of its own', () => {
    expect(verdicts([fromNode], asked)).toEqual(asked)
    expect(verdicts([fromNode, pool({ vxlanMode: 'Always' })], asked)).toEqual([])
    expect(verdicts([fromNode, pool({ ipipMode: 'Always' })], asked)).toEqual([])
    expect(verdicts([fromNode, pool({ vxlanMode: 'Never', ipipMode: 'Never' })], asked)).toEqual(asked)
  })

  test('is a tunnel between networks alone where the pool says so', () => {
    const node = (name: string, address: string) =>
      make('v1', 'Node', { name, annotations: { 'projectcalico.org/IPv4Address': address } })
    const crossing = pool({ vxlanMode: 'CrossSubnet' })
    const near = [node('n1', '172.18.0.2/16'), node('n2', '172.18.0.3/16')]
    const far = [node('n1', '172.18.0.2/32'), node('n2', '172.18.0.3/32')]
    expect(verdicts([fromNode, crossing, ...near], asked)).toEqual(asked)
    expect(verdicts([fromNode, crossing, ...far], asked)).toEqual([])
  })

  test('through a tunnel leads past the HostEndpoint of eth0', () => {
    const closed = onHosts({ applyOnForward: true, ingress: [deny], egress: [deny] })
    const through = ['x/a -> y/c TCP/80']
    const tunnel = pool({ vxlanMode: 'Always' })
    expect(verdicts([hep('n1'), closed, tunnel], through)).toEqual(through)
    expect(verdicts([hep('n1', everywhere), closed, tunnel], through)).toEqual([])
    expect(verdicts([hep('n1', { interfaceName: 'vxlan.calico' }), closed, tunnel], through)).toEqual([])
    expect(verdicts([hep('n1'), closed, tunnel], ['outside -> x/a TCP/80'])).toEqual([])
    const elsewhere = calico('IPPool', { name: 'a' }, { cidr: '10.9.0.0/16', vxlanMode: 'Never' })
    expect(
      verdicts([hep('n1'), closed, elsewhere, pool({ cidr: '10.0.0.0/16', vxlanMode: 'Always' })], through),
    ).toEqual(through)
  })
})

test('the matrix has what HostEndpoints do to pods on the host network', () => {
  const model = buildModel([...smallCluster(), hep('n1', everywhere), onHosts({ egress: [allow] })])
  const matrix = policyMatrix(model, [{ protocol: 'TCP', port: 80 }])
  const [port] = matrix.ports()
  const place = (id: string) => matrix.actors.findIndex((actor) => actor.id === id)
  const cell = (from: string, to: string) => port!.cell(place(from), place(to))
  expect(cell('x/h', 'y/c').verdict).toBe('allowed')
  expect(cell('x/h2', 'x/h')).toMatchObject({
    verdict: 'denied',
    ingress: { decidedBy: { kind: 'HostEndpoint', name: 'hep-n1', rule: null } },
  })
  expect(cell('x/h', 'x/h').verdict).toBe('denied')
  expect(cell('x/h2', 'x/h2').verdict).toBe('allowed')
  expect(cell('x/a', 'y/c').verdict).toBe('allowed')
})

test('the matrix has what HostEndpoints do to the tunnel between nodes', () => {
  const pool = calico('IPPool', { name: 'pods' }, { cidr: '10.0.0.0/16', vxlanMode: 'Always' })
  const early = onHosts({ preDNAT: true, applyOnForward: true, ingress: [deny] })
  const model = buildModel([...smallCluster(), hep('n1', open), early, pool])
  const matrix = policyMatrix(model, [{ protocol: 'TCP', port: 80 }])
  const [port] = matrix.ports()
  for (const [from, source] of matrix.actors.entries())
    for (const [to, destination] of matrix.actors.entries()) {
      const { verdict } = evaluate(model, flow(`${source.id} -> ${destination.id} TCP/80`))
      expect(`${source.id} -> ${destination.id} ${port!.cell(from, to).verdict}`).toBe(
        `${source.id} -> ${destination.id} ${verdict}`,
      )
    }
})
