import {
  type Address,
  formatAddress,
  formatCidr,
  type IpVersion,
  parseAddress,
} from '../../../../src/cidr.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { Nodes } from '../../../../src/policy/model/nodes.ts'
import { calico, make } from '../small-cluster.ts'

const four = ip('10.0.0.9')
const six = ip('fd00::9')

describe('a node', () => {
  test('has the addresses of its status and of Calico, each once, with its networks and tunnels', () => {
    const nodes = nodesOf([
      node('n1', ['172.18.0.2', 'fd18:0::2', 'n1.example'], {
        IPv4Address: '172.18.0.2/16',
        IPv6Address: 'fd18::22/64',
        IPv4VXLANTunnelAddr: '10.0.1.0',
        IPv6VXLANTunnelAddr: 'fd00:1::',
        IPv4IPIPTunnelAddr: '10.0.1.1',
      }),
    ])
    const { name, addresses, subnets, tunnelAddresses } = nodes.get('n1')!
    expect(name).toBe('n1')
    expect(addresses.map(formatAddress)).toEqual(['172.18.0.2', 'fd18::2', 'fd18::22'])
    expect(subnets.map(formatCidr)).toEqual(['172.18.0.0/16', 'fd18::/64'])
    expect(tunnelAddresses.map(formatAddress)).toEqual(['10.0.1.0', 'fd00:1::', '10.0.1.1'])
    const own = ['172.18.0.2', 'fd18::2', 'fd18::22', '10.0.1.0', 'fd00:1::', '10.0.1.1']
    expect(own.map((address) => nodes.ownerOf(address))).toEqual(own.map(() => 'n1'))
    expect([nodes.addressOf('n1', 4), nodes.addressOf('n1', 6)]).toEqual([ip('172.18.0.2'), ip('fd18::2')])
  })

  test('needs neither a status nor annotations', () => {
    const nodes = nodesOf([
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } } as KubernetesObject,
    ])
    expect(nodes.get('bare')).toEqual({ name: 'bare', addresses: [], subnets: [], tunnelAddresses: [] })
    expect(nodes.addressOf('bare', 4)).toBeNull()
    expect(nodes.ownerOf('')).toBeUndefined()
    expect([nodes.get('other'), nodes.addressOf('other', 4)]).toEqual([undefined, null])
  })

  test('may be known by its addresses alone, which it keeps', () => {
    const nodes = nodesOf([])
    nodes.addAddresses('n', [four, six])
    nodes.addAddresses('n', [four])
    expect(nodes.get('n')!.addresses).toEqual([four, six])
    expect([nodes.ownerOf('10.0.0.9'), nodes.ownerOf('fd00::9')]).toEqual(['n', 'n'])
  })
})

describe('what goes to a pod of another node', () => {
  const two = [node('n1', ['172.18.0.2']), node('n2', ['172.18.0.3'])]
  const to = (address: Address | null) => ({ node: 'n2', address })

  test.each<[string, object[], boolean, 'vxlan' | 'ipip']>([
    ['without IPPools', [], false, 'vxlan'],
    ['without a mode', [{}], false, 'vxlan'],
    ['VXLAN', [{ vxlanMode: 'Always', ipipMode: 'Never' }], true, 'vxlan'],
    ['IP in IP', [{ vxlanMode: 'Never', ipipMode: 'Always' }], true, 'ipip'],
    ['IP in IP between networks', [{ ipipMode: 'CrossSubnet' }], false, 'ipip'],
    ['neither', [{ vxlanMode: 'Never', ipipMode: 'Never' }], false, 'vxlan'],
  ])('%s', (_, pools, tunnelled, tunnel) => {
    const nodes = nodesOf([...two, ...pools.map((spec) => pool('10.0.0.0/8', spec))])
    expect([nodes.isTunnelled('n1', to(four), 4), nodes.tunnelTo(four, 4)]).toEqual([tunnelled, tunnel])
    expect([nodes.isTunnelled('n1', to(null), 4), nodes.tunnelTo(null, 4)]).toEqual([tunnelled, tunnel])
    expect(nodes.isTunnelled('n1', to(ip('192.0.2.1')), 4)).toBe(false)
  })

  test('goes as the pool says that holds the address; without an address, the first of the family', () => {
    const nodes = nodesOf([
      pool('fd00::/8', { vxlanMode: 'Always' }),
      pool('10.1.0.0/16', { ipipMode: 'Always' }),
      pool('10.0.0.0/16', { vxlanMode: 'Never' }),
    ])
    const tunnelled = (address: Address | null, version: IpVersion) =>
      nodes.isTunnelled('n1', to(address), version)
    expect([tunnelled(four, 4), tunnelled(ip('10.1.0.1'), 4), tunnelled(null, 4)]).toEqual([
      false,
      true,
      true,
    ])
    expect([nodes.tunnelTo(four, 4), nodes.tunnelTo(null, 4), nodes.tunnelTo(null, 6)]).toEqual([
      'vxlan',
      'ipip',
      'vxlan',
    ])
    expect([tunnelled(six, 6), tunnelled(null, 6)]).toEqual([true, true])
  })

  test('is encapsulated or not as is said from outside, whatever the pools say', () => {
    const always = pool('10.0.0.0/8', { vxlanMode: 'Always' })
    expect(nodesOf([always], false).isTunnelled('n1', to(four), 4)).toBe(false)
    expect(nodesOf([], true).isTunnelled('n1', to(four), 4)).toBe(true)
  })

  test.each<[string, Record<string, string>, string[], boolean]>([
    ['one network', { IPv4Address: '172.18.0.2/16' }, ['172.18.0.3'], false],
    ['two networks', { IPv4Address: '172.18.0.2/32' }, ['172.18.0.3'], true],
    ['an unknown network', {}, ['172.18.0.3'], false],
    ['a network of the other family alone', { IPv6Address: 'fd18::2/64' }, ['172.18.0.3'], false],
    ['an unknown address', { IPv4Address: '172.18.0.2/32' }, [], false],
    ['an address of the other family alone', { IPv4Address: '172.18.0.2/32' }, ['fd18::3'], false],
  ])('between networks alone: %s', (_, annotations, others, expected) => {
    const crossing = pool('10.0.0.0/8', { vxlanMode: 'CrossSubnet' })
    const nodes = nodesOf([node('n1', [], annotations), node('n2', others), crossing])
    expect(nodes.isTunnelled('n1', to(four), 4)).toBe(expected)
    expect(nodes.tunnelsDependOnNodes).toBe(expected)
    expect(nodes.isTunnelled('unknown', to(four), 4)).toBe(false)
  })

  test('goes as it is where no tunnel is wanted, from whatever network', () => {
    const never = pool('10.0.0.0/8', { vxlanMode: 'Never' })
    const nodes = nodesOf([
      node('n1', [], { IPv4Address: '172.18.0.2/32' }),
      node('n2', ['172.18.0.3']),
      never,
    ])
    expect(nodes.isTunnelled('n1', to(four), 4)).toBe(false)
  })

  test('has the address of the tunnel in its family, where it is tunnelled', () => {
    const tunnels = { IPv6VXLANTunnelAddr: 'fd00:1::', IPv4VXLANTunnelAddr: '10.0.1.0' }
    const always = [pool('10.0.0.0/8', { vxlanMode: 'Always' }), pool('fd00::/8', { vxlanMode: 'Always' })]
    const nodes = nodesOf([node('n1', [], tunnels), ...always])
    expect(nodes.tunnelAddress('n1', to(four), 4)).toEqual(ip('10.0.1.0'))
    expect(nodes.tunnelAddress('n1', to(six), 6)).toEqual(ip('fd00:1::'))
    expect(nodes.tunnelAddress('unknown', to(four), 4)).toBeUndefined()
    expect(nodesOf([node('n1', [], tunnels)]).tunnelAddress('n1', to(four), 4)).toBeUndefined()
  })
})

describe('whether it depends on the nodes what is tunnelled', () => {
  const far = [
    node('n1', ['172.18.0.2'], { IPv4Address: '172.18.0.2/24' }),
    node('n2', ['172.18.1.3'], { IPv4Address: '172.18.1.3/24' }),
  ]
  const modes = (...list: string[]) =>
    list.map((vxlanMode, index) => pool(`10.${index}.0.0/16`, { vxlanMode }))
  test.each<[string, KubernetesObject[], boolean | undefined, boolean]>([
    ['no pool', far, undefined, false],
    ['always', [...far, ...modes('Always', 'Always')], undefined, false],
    ['pools of two modes', modes('Always', 'Never'), undefined, true],
    ['pools of two modes, overruled', modes('Always', 'Never'), true, false],
    [
      'pools of two families',
      [...modes('Always'), pool('fd00::/8', { vxlanMode: 'Never' })],
      undefined,
      false,
    ],
    ['two networks', [...far, ...modes('CrossSubnet')], undefined, true],
    [
      'two networks of the other family',
      [...far, pool('fd00::/8', { vxlanMode: 'CrossSubnet' })],
      undefined,
      false,
    ],
    ['one network', [far[0]!, ...modes('CrossSubnet')], undefined, false],
  ])('%s', (_, objects, encapsulated, expected) => {
    const nodes = nodesOf(objects, encapsulated)
    expect([nodes.tunnelsDependOnNodes, nodes.tunnelsDependOnNodes]).toEqual([expected, expected])
  })
})

describe('whether a pod leaves under its node', () => {
  const outside = ip('203.0.113.7')
  test('without IPPools IPv4 does and IPv6 does not', () => {
    const nodes = nodesOf([])
    expect([nodes.isTranslated(four, outside), nodes.isTranslated(six, ip('2001:db8::1'))]).toEqual([
      true,
      false,
    ])
  })

  test('with IPPools it is that of the pod that says so, unless the other end is in one', () => {
    const nodes = nodesOf([
      pool('10.0.0.0/16', { natOutgoing: true }),
      pool('10.1.0.0/16', { natOutgoing: false }),
      pool('10.2.0.0/16', {}),
    ])
    const translated = (pod: string, to: string) => nodes.isTranslated(ip(pod), ip(to))
    expect([translated('10.0.0.1', '203.0.113.7'), translated('10.1.0.1', '203.0.113.7')]).toEqual([
      true,
      false,
    ])
    expect([translated('10.2.0.1', '203.0.113.7'), translated('192.0.2.1', '203.0.113.7')]).toEqual([
      false,
      false,
    ])
    expect([translated('10.0.0.1', '10.1.0.1'), translated('10.0.0.1', '10.0.0.2')]).toEqual([false, false])
  })

  test('an IPPool without a block that can be read is none', () => {
    const nodes = nodesOf([
      pool('', { natOutgoing: true }),
      make('projectcalico.org/v3', 'IPPool', { name: 'p' }),
    ])
    expect(nodes.isTranslated(four, outside)).toBe(true)
  })
})

function nodesOf(objects: KubernetesObject[], encapsulated?: boolean): Nodes {
  const nodes = new Nodes(encapsulated)
  for (const object of objects) object.kind === 'Node' ? nodes.add(object) : nodes.addPool(object)
  return nodes
}

function node(name: string, listed: string[], of: Record<string, string> = {}): KubernetesObject {
  const annotations = Object.fromEntries(
    Object.entries(of).map(([key, value]) => [`projectcalico.org/${key}`, value]),
  )
  const status = { addresses: listed.map((address) => ({ type: 'InternalIP', address })) }
  return make('v1', 'Node', { name, annotations }, { status })
}

function pool(cidr: string, spec: object): KubernetesObject {
  return calico('IPPool', { name: cidr }, { cidr, ...spec })
}

function ip(text: string): Address {
  return parseAddress(text)!
}
