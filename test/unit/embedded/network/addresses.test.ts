import {
  hostInterface,
  nodeAddresses,
  nodeBlock,
  podMtu,
  tunnelAddress,
  tunnelMac,
} from '../../../../src/embedded/network/addresses.ts'

test("a pod's host interface has the name that Calico gives it", () => {
  // From cni-plugin's documentation and from a recorded node.
  expect(hostInterface('namespace', 'podname')).toBe('cali82111e10a96')
  expect(hostInterface('default', 'nginx')).toBe('calic440f455693')
})

test('nodes have consecutive addresses on the underlay, and MACs after them', () => {
  expect(nodeAddresses(1)).toMatchObject({
    name: 'node-1',
    addresses: ['172.18.0.2'],
    mac: '02:42:ac:12:00:02',
  })
  expect(nodeAddresses(2).addresses).toEqual(['172.18.0.3'])
})

test('blocks of different nodes never meet, also when each has claimed many', () => {
  const cidrs = [1, 2, 3].flatMap((number) =>
    Array.from({ length: 32 }, (_each, ordinal) => nodeBlock(nodeAddresses(number), ordinal).cidr),
  )
  expect(new Set(cidrs).size).toBe(cidrs.length)
  expect(cidrs[0]).toBe('192.168.8.0/26')
  expect(cidrs[1]).toBe('192.168.8.64/26')
})

test('a block has 64 addresses, and its first is that of the VXLAN device', () => {
  const node = nodeAddresses(2)
  const block = nodeBlock(node, 0)
  expect(block.addresses).toHaveLength(64)
  expect(block.addresses.at(-1)).toBe('192.168.16.63')
  expect(tunnelAddress(node)).toBe(block.addresses[0])
})

test('the VXLAN MAC is a unicast address of local administration, different per node', () => {
  const [one, two] = [tunnelMac(nodeAddresses(1)), tunnelMac(nodeAddresses(2))]
  expect(one).not.toBe(two)
  expect(Number.parseInt(one.slice(0, 2), 16) & 3).toBe(2)
})

test('in IPv6 a node has a /122 block of its own /64, and another tunnel device', () => {
  const node = nodeAddresses(2, 'dual')
  expect(node.families).toEqual([4, 6])
  expect(node.addresses).toEqual(['172.18.0.3', 'fc00:f853:ccd:e793::3'])
  const block = nodeBlock(node, 1, 6)
  expect(block.cidr).toBe('fd00:10:244:2::40/122')
  expect([block.first, block.addresses.at(-1)]).toEqual(['fd00:10:244:2::40', 'fd00:10:244:2::7f'])
  expect(tunnelAddress(node, 6)).toBe('fd00:10:244:2::')
  expect(tunnelMac(node, 6)).not.toBe(tunnelMac(node, 4))
})

test('a pod takes the MTU that fits through every tunnel of its cluster', () => {
  expect([podMtu([4]), podMtu([4, 6]), podMtu([6])]).toEqual([1450, 1430, 1430])
})
