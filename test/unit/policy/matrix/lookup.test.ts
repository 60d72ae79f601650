import { parseAddress, parseCidr } from '../../../../src/cidr.ts'
import { Lookup } from '../../../../src/policy/matrix/lookup.ts'
import { Catalog } from '../../../../src/policy/model/catalog.ts'
import { pod } from '../small-cluster.ts'

const catalog = new Catalog([
  pod('x/one', 'n1', { labels: { app: 'a' }, address: '10.0.0.1' }),
  pod('x/two', 'n1', { labels: { app: 'a' }, address: '10.0.0.2' }),
  pod('x/other', 'n1', { labels: { app: 'b' }, address: '10.0.0.2' }),
])
const [one, two, other] = catalog.endpoints

/** Places 0 to 6: in no order, one without an address, one missing, one of IPv6, two at one address. */
const parties = [
  party('10.0.0.9'),
  party('10.0.0.2', two!, other!),
  null,
  party(null, one!),
  party('10.0.0.1', one!),
  party('fd00::1'),
  party('10.0.0.2'),
]

test('by class, endpoint and address, each with every place', () => {
  const lookup = new Lookup(parties)
  expect(lookup.ofClass(one!.labelClass)).toEqual([1, 3, 4])
  expect(lookup.ofClass(other!.labelClass)).toEqual([1])
  expect(lookup.ofEndpoint(one!)).toEqual([3, 4])
  expect(lookup.at('10.0.0.2')).toEqual([1, 6])
  expect([lookup.at(''), lookup.at('10.0.0.3')]).toEqual([[], []])
  const stranger = { ...one!, labelClass: { ...one!.labelClass } }
  expect([lookup.ofEndpoint(stranger), lookup.ofClass(stranger.labelClass)]).toEqual([[], []])
})

test.each([
  ['10.0.0.0/8', [0, 1, 4, 6]],
  ['10.0.0.2/32', [1, 6]],
  ['10.0.0.2/31', [1, 6]],
  ['10.0.0.8/29', [0]],
  ['10.0.0.0/31', [4]],
  ['10.0.0.10/32', []],
  ['0.0.0.0/8', []],
  ['::/0', [5]],
])('in %s', (text, places) => {
  expect(new Lookup(parties).inNets([parseCidr(text)!]).sort((a, b) => a - b)).toEqual(places)
})

test('in several blocks', () => {
  expect(
    new Lookup(parties).inNets(['10.0.0.1/32', 'fd00::/8'].map((text) => parseCidr(text)!)).sort(),
  ).toEqual([4, 5])
})

function party(text: string | null, ...endpoints: (typeof catalog)['endpoints']) {
  const address = text === null ? null : parseAddress(text)!
  return { version: address?.version ?? (4 as const), address, text: text ?? '', endpoints }
}
