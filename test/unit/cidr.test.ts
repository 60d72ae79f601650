import {
  addressAt,
  cidrContains,
  cidrCovers,
  compareCidrs,
  formatAddress,
  formatCidr,
  isMasked,
  parseAddress,
  parseCidr,
  parseCidrOrAddress,
} from '../../src/cidr.ts'

describe('addresses', () => {
  test.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80:0000::0001', 'fe80::1'],
  ])('%s is %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text)!)).toBe(canonical)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.-4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    'example.org',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull()
  })
})

describe('CIDRs', () => {
  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/32', '10.1.2.3/32'],
    ['1.2.3.4/0', '0.0.0.0/0'],
    ['fd00:1::1/16', 'fd00::/16'],
    ['::1/128', '::1/128'],
  ])('%s is the block %s', (text, canonical) => {
    expect(formatCidr(parseCidr(text)!)).toBe(canonical)
  })

  test.each(['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/', '/8', 'a/8'])(
    '%j is none',
    (text) => {
      expect(parseCidr(text)).toBeNull()
    },
  )

  test('a bare address is the block that holds it alone, where that is asked for', () => {
    expect(formatCidr(parseCidrOrAddress('192.0.2.1')!)).toBe('192.0.2.1/32')
    expect(formatCidr(parseCidrOrAddress('fd00::1')!)).toBe('fd00::1/128')
    expect(formatCidr(parseCidrOrAddress('10.0.0.0/8')!)).toBe('10.0.0.0/8')
    expect(parseCidrOrAddress('x')).toBeNull()
  })

  test('a block is masked when no host bit is set', () => {
    expect([
      isMasked('10.0.0.0/8'),
      isMasked('10.0.0.1/8'),
      isMasked('10.0.0.1'),
      isMasked('fd00::/8'),
    ]).toEqual([true, false, false, true])
  })

  test('a block contains its first and its last address and no neighbour', () => {
    const block = parseCidr('10.1.0.0/16')!
    const inside = ['10.1.0.0', '10.1.255.255', '10.0.255.255', '10.2.0.0', '::a01:1']
    expect(inside.map((text) => cidrContains(block, parseAddress(text)!))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  test('a block covers itself and its parts', () => {
    const covers = (outer: string, inner: string) => cidrCovers(parseCidr(outer)!, parseCidr(inner)!)
    expect(covers('10.0.0.0/8', '10.0.0.0/8')).toBe(true)
    expect(covers('10.0.0.0/8', '10.255.0.0/16')).toBe(true)
    expect(covers('10.0.0.0/16', '10.0.0.0/8')).toBe(false)
    expect(covers('0.0.0.0/0', '::/0')).toBe(false)
  })

  test('addresses are counted from the first', () => {
    const block = parseCidr('192.168.1.64/26')!
    expect(formatAddress(addressAt(block, 0)!)).toBe('192.168.1.64')
    expect(formatAddress(addressAt(block, 63)!)).toBe('192.168.1.127')
    expect(addressAt(block, 64)).toBeNull()
  })

  test('sorts by family, first address, and larger first', () => {
    const texts = ['fd00::/8', '10.0.0.0/16', '10.0.0.0/8', '9.0.0.0/8']
    const sorted = texts.map((text) => parseCidr(text)!).sort(compareCidrs)
    expect(sorted.map(formatCidr)).toEqual(['9.0.0.0/8', '10.0.0.0/8', '10.0.0.0/16', 'fd00::/8'])
  })
})
