import { parseAddress } from '../../../../src/cidr.ts'
import { parseSelector } from '../../../../src/policy/index.ts'
import { Lookup } from '../../../../src/policy/matrix/lookup.ts'
import { Catalog } from '../../../../src/policy/model/catalog.ts'
import { Groups } from '../../../../src/policy/model/groups.ts'
import { calico, pod, port, slice } from '../small-cluster.ts'

const objects = [
  pod('x/a', 'n1', {
    address: '10.0.0.1',
    ports: [port('http', 80), port('http', 53, 'UDP'), port('ssh', 22)],
  }),
  pod('x/b', 'n1', { address: '10.0.0.2', ports: [port('http', 8080)] }),
  pod('x/c', 'n1', { address: '10.0.0.3' }),
  calico(
    'NetworkSet',
    { name: 's', namespace: 'x', labels: { app: 'a' } },
    { nets: ['192.0.2.0/24', '10.0.0.1/32'] },
  ),
  slice('y/api', '10.0.0.3', [{ port: 6443 }, { port: 53, protocol: 'UDP' }]),
  slice('y/api', '10.0.0.2', [{ port: 6443 }]),
]

const texts = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.7']

/** Made anew for each test: groups remember what they have looked up. */
function make() {
  const catalog = new Catalog(objects)
  const parties = texts.map((text) => {
    const address = parseAddress(text)!
    return { version: address.version, address, text, endpoints: catalog.ownersOf(text) }
  })
  const lookup = new Lookup(parties)
  const places = (found: readonly number[]) => [...new Set(found)].sort().map((place) => texts[place])
  return {
    groups: new Groups(catalog),
    catalog,
    /** Which of the addresses are in it, asked one by one; a look-up finds the same. */
    addressesIn(group: ReturnType<Groups['selected']>): string[] {
      const found = texts.filter((_, place) => group.includes(parties[place]!))
      expect(places(group.find(lookup))).toEqual(found)
      return found
    },
    ownersOf(group: ReturnType<Groups['namedPort']>, protocol: number, number: number): string[] {
      const found = texts.filter((_, place) => group.includes(parties[place]!, protocol, number))
      expect(places(group.find(lookup, protocol, number))).toEqual(found)
      return found
    },
  }
}

function select(text: string) {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.selector
}

test('a selector stands for endpoints and for the blocks of network sets', () => {
  const { groups, catalog, addressesIn } = make()
  const group = groups.selected(select("app == 'a'"))
  expect(addressesIn(group)).toEqual(['10.0.0.1', '192.0.2.7'])
  expect(group.lower()).toEqual({ id: group.id, text: 'app == "a"', cidrs: ['10.0.0.1/32', '192.0.2.0/24'] })
  expect(group.id).toMatch(/^s\w{13}$/)
  expect(
    group.includes({ version: 4, address: null, text: '', endpoints: catalog.ownersOf('10.0.0.1') }),
  ).toBe(true)
  expect(group.includes({ version: 4, address: null, text: '', endpoints: [] })).toBe(false)
})

test('equal groups are one', () => {
  const { groups } = make()
  expect(groups.selected(select("app=='a'"))).toBe(groups.selected(select('app == "a"')))
  expect(groups.namedPort({ name: 'http', protocol: 6 })).toBe(
    groups.namedPort({ name: 'http', protocol: 6 }),
  )
  expect(groups.namedPort({ name: 'http' })).not.toBe(groups.namedPort({ name: 'http', protocol: 6 }))
  expect(groups.serviceAddresses('y/api')).toBe(groups.serviceAddresses('y/api'))
  expect(groups.servicePorts('y/api')).toBe(groups.servicePorts('y/api'))
})

test('a named port is each endpoint its own number', () => {
  const { groups, ownersOf } = make()
  const tcp = groups.namedPort({ name: 'http', protocol: 6 })
  expect([tcp.text, ownersOf(tcp, 6, 80), ownersOf(tcp, 6, 8080)]).toEqual([
    'port http/TCP',
    ['10.0.0.1'],
    ['10.0.0.2'],
  ])
  expect([ownersOf(tcp, 17, 53), ownersOf(tcp, 6, 22)]).toEqual([[], []])
  expect(tcp.id).toMatch(/^n\w{13}$/)
  expect(tcp.lower()).toEqual({
    id: tcp.id,
    text: 'port http/TCP',
    members: [
      { address: '10.0.0.1', protocol: 6, port: 80 },
      { address: '10.0.0.2', protocol: 6, port: 8080 },
    ],
  })
})

test('without a protocol it is of any', () => {
  const { groups, ownersOf } = make()
  const any = groups.namedPort({ name: 'http' })
  expect([any.text, ownersOf(any, 17, 53), ownersOf(any, 6, 80)]).toEqual([
    'port http',
    ['10.0.0.1'],
    ['10.0.0.1'],
  ])
  expect(any.lower().members).toHaveLength(3)
})

test('within a selector it is that of the selected', () => {
  const { groups, ownersOf } = make()
  const within = groups.namedPort({ name: 'http', protocol: 6, within: select("app == 'b'") })
  expect(within.text).toBe('port http/TCP of app == "b"')
  expect([ownersOf(within, 6, 80), ownersOf(within, 6, 8080)]).toEqual([[], ['10.0.0.2']])
  expect(within.lower().members).toEqual([{ address: '10.0.0.2', protocol: 6, port: 8080 }])
  const all = groups.namedPort({ name: 'ssh', within: select('has(app)') })
  expect(all.lower().members).toEqual([{ address: '10.0.0.1', protocol: 6, port: 22 }])
})

test('a Service stands for its addresses, or for those with their ports', () => {
  const { groups, addressesIn, ownersOf } = make()
  const addresses = groups.serviceAddresses('y/api')
  expect(addressesIn(addresses)).toEqual(['10.0.0.2', '10.0.0.3'])
  expect(addresses.lower()).toEqual({
    id: addresses.id,
    text: 'service y/api',
    cidrs: ['10.0.0.2/32', '10.0.0.3/32'],
  })
  const ports = groups.servicePorts('y/api')
  expect([ownersOf(ports, 6, 6443), ownersOf(ports, 17, 53), ownersOf(ports, 17, 6443)]).toEqual([
    ['10.0.0.2', '10.0.0.3'],
    ['10.0.0.3'],
    [],
  ])
  expect([ports.id, ports.text]).toEqual([addresses.id, 'service y/api'])
  expect(ports.lower().members).toEqual([
    { address: '10.0.0.2', protocol: 6, port: 6443 },
    { address: '10.0.0.3', protocol: 17, port: 53 },
    { address: '10.0.0.3', protocol: 6, port: 6443 },
  ])
  expect(addressesIn(groups.serviceAddresses('y/none'))).toEqual([])
})
