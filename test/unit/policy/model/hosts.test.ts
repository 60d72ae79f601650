import { parseAddress } from '../../../../src/cidr.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel, type Model } from '../../../../src/policy/index.ts'
import type { Hosts, Way } from '../../../../src/policy/model/hosts.ts'
import { addresses, calico, gnp, make, smallCluster, tier } from '../small-cluster.ts'

const deny = { action: 'Deny' }
const open = ['projectcalico-default-allow']

function hep(name: string, spec: object = {}): KubernetesObject {
  return calico('HostEndpoint', { name, labels: { host: 'yes' } }, { node: 'n1', ...spec })
}

function modelOf(...objects: KubernetesObject[]): Model {
  return buildModel([...smallCluster(), ...objects])
}

function hostsOf(...objects: KubernetesObject[]): Hosts {
  return modelOf(...objects).hosts
}

function endpoint(model: Model, name: string) {
  return model.catalog.endpoints.find(({ id }) => id === name)!
}

const ways = {
  outside: (address: string | null): Way => ({
    kind: 'outside',
    address: address === null ? null : parseAddress(address)!,
  }),
  tunnel: { kind: 'tunnel' } as Way,
  loopback: { kind: 'loopback' } as Way,
  workload: { kind: 'workload' } as Way,
}

describe('the HostEndpoint of an interface', () => {
  const at = (hosts: Hosts, way: Way, node = 'n1') => hosts.at(node, way)?.id

  test.each<[string, object, string[]]>([
    ['eth0', { interfaceName: 'eth0' }, ['outside']],
    ['an interface with its address', { interfaceName: 'eth0', expectedIPs: [addresses.n1] }, ['outside']],
    ['an interface with another address', { interfaceName: 'eth1', expectedIPs: ['192.0.2.1'] }, []],
    ['an address alone', { expectedIPs: ['192.0.2.1', addresses.n1] }, ['outside']],
    ['the address of the tunnel alone', { expectedIPs: ['192.0.2.1', '10.0.1.0'] }, ['tunnel']],
    ['the address of the tunnel of another node', { expectedIPs: ['10.0.2.0'] }, []],
    ['lo', { interfaceName: 'lo' }, ['loopback']],
    ['lo with an address', { interfaceName: 'lo', expectedIPs: [addresses.n1] }, ['loopback']],
    ['vxlan.calico', { interfaceName: 'vxlan.calico' }, ['tunnel']],
    ['vxlan-v6.calico', { interfaceName: 'vxlan-v6.calico' }, ['tunnel']],
    ['tunl0', { interfaceName: 'tunl0', expectedIPs: [addresses.n1] }, ['tunnel']],
    ['eth0 with the address of the tunnel', { interfaceName: 'eth0', expectedIPs: ['10.0.1.0'] }, []],
    ['every one', { interfaceName: '*' }, ['outside', 'tunnel', 'loopback', 'workload']],
    [
      'every one, with an address',
      { interfaceName: '*', expectedIPs: ['192.0.2.1'] },
      ['outside', 'tunnel', 'loopback', 'workload'],
    ],
  ])('%s', (_, spec, expected) => {
    const hosts = hostsOf(hep('h', spec))
    const asked = { ...ways, outside: ways.outside(addresses.n1) }
    expect(Object.entries(asked).flatMap(([kind, way]) => (at(hosts, way) === 'h' ? [kind] : []))).toEqual(
      expected,
    )
    expect(Object.values(asked).map((way) => at(hosts, way, 'n2'))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('is the first by name, one of all interfaces last', () => {
    const hosts = hostsOf(
      hep('b', { interfaceName: 'eth0' }),
      hep('c', { expectedIPs: [addresses.n1] }),
      hep('a2', { interfaceName: '*' }),
      hep('a1', { interfaceName: '*' }),
    )
    expect(at(hosts, ways.outside(addresses.n1))).toBe('b')
    expect(at(hosts, ways.outside('192.0.2.1'))).toBe('b')
    expect(at(hosts, ways.tunnel)).toBe('a1')
  })

  test('of a node whose address is not known is any that may have it', () => {
    const hosts = hostsOf(hep('h', { interfaceName: 'eth1', expectedIPs: ['192.0.2.1'] }))
    expect(at(hosts, ways.outside(null))).toBe('h')
    const unknown = hostsOf(
      hep('u', { node: 'n9', interfaceName: 'eth0' }),
      hep('t', { node: 'n9', expectedIPs: ['10.9.9.9'] }),
    )
    expect(at(unknown, ways.outside(null), 'n9')).toBe('t')
    expect(at(unknown, ways.tunnel, 'n9')).toBeUndefined()
  })
})

describe('what the HostEndpoints of a node stand for', () => {
  const told = (hosts: Hosts, node = 'n1') =>
    [...hosts.interfacesOf(node)].map(([{ id }, interfaces]) => [id, interfaces])

  test('each for its interfaces, and one for all that are left', () => {
    const both = hep('both', { expectedIPs: [addresses.n1, '10.0.1.0'] })
    expect(told(hostsOf(both, hep('star', { interfaceName: '*' })))).toEqual([
      ['both', ['outside', 'tunnel']],
      ['star', null],
    ])
    expect(told(hostsOf(hep('lo', { interfaceName: 'lo' })))).toEqual([['lo', ['loopback']]])
    expect(told(hostsOf(both), 'n2')).toEqual([])
  })

  test('by the IPv6 address of a node that has no other', () => {
    const six = make('v1', 'Node', { name: 'six' }, { status: { addresses: [{ address: 'fd18::2' }] } })
    const hosts = hostsOf(
      six,
      hep('h', { node: 'six', expectedIPs: ['fd18::2'] }),
      hep('o', { node: 'six', expectedIPs: ['fd18::3'] }),
    )
    expect(told(hosts, 'six')[0]).toEqual(['h', ['outside']])
    const both = { status: { addresses: [{ address: 'fd18::2' }, { address: '172.18.0.9' }] } }
    const two = hostsOf(
      make('v1', 'Node', { name: 'two' }, both),
      hep('four', { node: 'two', expectedIPs: ['172.18.0.9'] }),
      hep('early', { node: 'two', expectedIPs: ['fd18::2'] }),
    )
    expect(told(two, 'two')).toEqual([['four', ['outside']]])
  })
})

describe('profiles of hosts', () => {
  const pods = [make('v1', 'Pod', { name: 'p', namespace: 'only-a-pod' })]
  test.each([
    ['projectcalico-default-allow', 'allow'],
    ['kns.x', 'allow'],
    ['kns.only-a-pod', 'allow'],
    ['kns.gone', 'deny'],
    ['ksa.x.sa1', null],
    ['ksa.gone', null],
    ['x', 'deny'],
    ['foo.x', 'deny'],
  ])('%s: %s', (name, action) => {
    expect(hostsOf(...pods).profileAction(name)).toBe(action)
  })

  test.each<[string[], object]>([
    [[], { allows: false, name: null }],
    [['ksa.x.sa1'], { allows: false, name: null }],
    [['ksa.x.sa1', 'kns.x', 'gone'], { allows: true, name: 'kns.x' }],
    [['gone', 'kns.x'], { allows: false, name: 'gone' }],
  ])('%j: the first that has rules decides', (profiles, expected) => {
    const model = modelOf(hep('h', { interfaceName: 'eth0', profiles }))
    expect(model.hosts.profile(endpoint(model, 'h'))).toEqual(expected)
  })
})

describe('a host may deny', () => {
  const onHosts = (spec: object) => gnp({ selector: 'has(host)', ...spec })
  test.each<[string, object, KubernetesObject[], boolean]>([
    ['without a profile', {}, [], true],
    ['not with one that allows', { profiles: open }, [], false],
    ['with a policy', { profiles: open }, [onHosts({ ingress: [{ action: 'Allow' }] })], true],
    ['with a policy of egress', { profiles: open }, [onHosts({ types: ['Egress'] })], true],
    [
      'before DNAT',
      { profiles: open },
      [onHosts({ preDNAT: true, applyOnForward: true, ingress: [deny] })],
      true,
    ],
    [
      'without tracking',
      { profiles: open },
      [onHosts({ doNotTrack: true, applyOnForward: true, ingress: [deny] })],
      true,
    ],
    [
      'not with a policy of others',
      { profiles: open },
      [gnp({ selector: "app == 'a'", ingress: [deny] })],
      false,
    ],
    [
      'not with a staged policy',
      { profiles: open },
      [{ ...onHosts({ ingress: [deny] }), kind: 'StagedGlobalNetworkPolicy' }],
      false,
    ],
  ])('%s', (_, spec, policies, expected) => {
    const other = hep('other', { node: 'n2', interfaceName: 'eth0', profiles: open })
    other.metadata = { name: 'other' }
    const model = modelOf(hep('h', { interfaceName: 'eth0', ...spec }), other, ...policies)
    expect(model.hosts.isStrict(endpoint(model, 'h'))).toBe(expected)
    expect(model.hosts.isStrict(endpoint(model, 'other'))).toBe(false)
    expect([...model.hosts.strictNodes]).toEqual(expected ? ['n1'] : [])
  })
})

test('a HostEndpoint of all interfaces is told from others', () => {
  const model = modelOf(hep('star', { interfaceName: '*' }), hep('eth', { interfaceName: 'eth0' }))
  expect(['star', 'eth', 'x/a'].map((name) => model.hosts.isForAll(endpoint(model, name)))).toEqual([
    true,
    false,
    false,
  ])
})

test('policies are asked in their stage; what is early passes at the end of its tier', () => {
  const policy = (name: string, spec: object) =>
    gnp({ selector: 'has(host)', tier: 't', ingress: [deny], ...spec }, name)
  const forwarded = { applyOnForward: true }
  const model = modelOf(
    tier('t', { order: 1 }),
    hep('h', { interfaceName: 'eth0' }),
    policy('normal', {}),
    policy('forward', forwarded),
    policy('early', { ...forwarded, preDNAT: true }),
    policy('raw', { ...forwarded, doNotTrack: true }),
    { ...policy('staged', forwarded), kind: 'StagedGlobalNetworkPolicy' },
    { ...policy('staged-raw', { ...forwarded, doNotTrack: true }), kind: 'StagedGlobalNetworkPolicy' },
  )
  const stages = ['untracked', 'pre-dnat', 'normal', 'forward'] as const
  const told = stages.map((stage) =>
    model.hosts
      .plan(endpoint(model, 'h'), stage, 'ingress')
      .map(({ policies, endAction, endOwner }) =>
        [...policies, endOwner!].map(({ ref }) => ref.name).concat(endAction),
      ),
  )
  expect(told).toEqual([
    [['raw', 'raw', 'pass']],
    [['early', 'early', 'pass']],
    [['forward', 'normal', 'normal', 'deny']],
    [['forward', 'forward', 'deny']],
  ])
  const names = (tiers: Hosts['tiers']['untracked']) =>
    tiers.flatMap(({ policies }) => policies.map(({ ref }) => ref.name))
  expect([names(model.hosts.tiers.untracked), names(model.hosts.tiers['pre-dnat'])]).toEqual([
    ['raw'],
    ['early'],
  ])
})
