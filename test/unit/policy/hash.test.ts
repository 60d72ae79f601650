import { shortHash } from '../../../src/policy/hash.ts'

test('shortHash is 64-bit FNV-1a in base 36', () => {
  expect(BigInt(`0x${parseBase36(shortHash('')).toString(16)}`)).toBe(0xcbf29ce484222325n)
  expect(parseBase36(shortHash('a'))).toBe(0xaf63dc4c8601ec8cn)
  expect(parseBase36(shortHash('foobar'))).toBe(0x85944171f73967e8n)
})

function parseBase36(text: string): bigint {
  return [...text].reduce((value, digit) => value * 36n + BigInt(Number.parseInt(digit, 36)), 0n)
}
