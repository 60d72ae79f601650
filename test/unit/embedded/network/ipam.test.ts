import { type Block, nodeAddresses } from '../../../../src/embedded/network/addresses.ts'
import { Ipam } from '../../../../src/embedded/network/ipam.ts'

function newIpam(): { ipam: Ipam; claimed: Block[] } {
  const claimed: Block[] = []
  return { ipam: new Ipam(nodeAddresses(1), 4, async (block) => void claimed.push(block)), claimed }
}

test("the first pod gets the second address: the first is the VXLAN device's", async () => {
  const { ipam } = newIpam()
  expect(await ipam.allocate()).toBe('192.168.8.1')
})

test('an address that was given back is handed out last', async () => {
  const { ipam, claimed } = newIpam()
  const first = await ipam.allocate()
  ipam.release(first)
  const others = []
  for (let count = 0; count < 62; count++) others.push(await ipam.allocate())
  expect(others).not.toContain(first)
  expect(await ipam.allocate()).toBe(first)
  expect(claimed).toEqual([])
})

test('a full block makes the node claim another', async () => {
  const { ipam, claimed } = newIpam()
  const addresses = []
  for (let count = 0; count < 64; count++) addresses.push(await ipam.allocate())
  expect(claimed.map(({ cidr }) => cidr)).toEqual(['192.168.8.64/26'])
  expect(addresses.at(-1)).toBe('192.168.8.64')
  expect(new Set(addresses).size).toBe(64)
})

test('a node that has filled every block says so, and goes on once an address is given back', async () => {
  const { ipam, claimed } = newIpam()
  const addresses: string[] = []
  for (let count = 0; count < 32 * 64 - 1; count++) addresses.push(await ipam.allocate())
  expect(new Set(addresses).size).toBe(addresses.length)
  expect(claimed).toHaveLength(31)
  await expect(ipam.allocate()).rejects.toThrow('node-1 has no free IPv4 pod address left')
  ipam.release(addresses[7]!)
  expect(await ipam.allocate()).toBe(addresses[7])
})

test('addresses that pods have already are not given to others, those of further blocks among them', async () => {
  const { ipam, claimed } = newIpam()
  ipam.take('192.168.8.2')
  ipam.take('192.168.8.65')
  expect(ipam.blocks).toHaveLength(2)
  const addresses = []
  for (let count = 0; count < 125; count++) addresses.push(await ipam.allocate())
  expect(addresses.slice(0, 2)).toEqual(['192.168.8.1', '192.168.8.3'])
  expect(new Set(addresses).size).toBe(125)
  expect(addresses).not.toContain('192.168.8.2')
  expect(addresses).not.toContain('192.168.8.65')
  // Their routes are there.
  expect(claimed).toEqual([])
})

test('addresses of before a reboot are given to others last, and those of elsewhere are nothing to it', async () => {
  const { ipam, claimed } = newIpam()
  for (const address of ['192.168.8.1', '192.168.8.3', '172.18.0.2']) ipam.retire(address)
  const addresses = []
  for (let count = 0; count < 63; count++) addresses.push(await ipam.allocate())
  expect(addresses.slice(0, 2)).toEqual(['192.168.8.2', '192.168.8.4'])
  expect(addresses.slice(-2)).toEqual(['192.168.8.1', '192.168.8.3'])
  expect(claimed).toEqual([])
})
