import { protocolNumber } from '../../../src/policy/index.ts'
import { isProtocolName, protocolText } from '../../../src/policy/protocol.ts'

test('a protocol is known by name, by number, and by a number in text', () => {
  expect([
    protocolNumber('TCP'),
    protocolNumber(132),
    protocolNumber('17'),
    protocolNumber('ICMPv6'),
  ]).toEqual([6, 132, 17, 58])
})

test('a name is a text', () => {
  expect(['ICMPv6', 'icmp', 6, undefined, ['TCP']].map(isProtocolName)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})

test('a protocol is named where it has a name', () => {
  expect([protocolText(6), protocolText(47)]).toEqual(['TCP', 'protocol 47'])
})
