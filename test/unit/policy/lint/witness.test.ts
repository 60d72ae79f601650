import { parseSelector } from '../../../../src/policy/index.ts'
import { isImpossible, witnesses } from '../../../../src/policy/lint/witness.ts'

function read(text: string) {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.selector
}

test.each<[string, Record<string, string>[]]>([
  ['all()', [{}]],
  ['has(a)', [{ a: 'any' }]],
  ['!has(a)', [{}]],
  ["a == '1'", [{ a: '1' }]],
  ["a != '1'", [{}, { a: 'another' }]],
  ["a in {'1', '2'}", [{ a: '1' }, { a: '2' }]],
  ["a not in {'1'}", [{}, { a: 'another' }]],
  ["a contains '1'", [{ a: '1' }]],
  ["has(a) && a != '1'", [{ a: 'another' }]],
  ["a != '1' && a == '2'", [{ a: '2' }]],
  ["a == '1' && b == '2'", [{ a: '1', b: '2' }]],
  ["a == '1' || b == '2'", [{ a: '1' }, { b: '2' }]],
  ["!(a == '1' || b == '2')", [{}, { b: 'another' }, { a: 'another' }, { a: 'another', b: 'another' }]],
  ["!(a == '1' && b == '2')", [{}, { a: 'another' }, {}, { b: 'another' }]],
  ["a == '1' && has(a)", [{ a: '1' }]],
  ["has(a) && a == '1'", [{ a: '1' }]],
  ["a == '1' && a == '2'", []],
  ['!all()', []],
  ['global()', [{}]],
])('the least labels that fulfil %s', (text, labels) => {
  expect(witnesses(read(text)).map((one) => Object.fromEntries(one))).toStrictEqual(labels)
})

test('many alternatives are cut, and then nothing is called impossible', () => {
  const values = Array.from({ length: 40 }, (_, index) => `'${index}'`).join(', ')
  expect(witnesses(read(`a in {${values}}`))).toHaveLength(32)
  expect(isImpossible(read(`a in {${values}} && a == 'x'`))).toBe(true)
  const either = (count: number) =>
    Array.from({ length: count }, (_, index) => `a == '${index}' && !has(a)`).join(' || ')
  expect([isImpossible(read(either(31))), isImpossible(read(either(32)))]).toEqual([true, false])
  expect(isImpossible(read(`${either(2)} || has(c)`))).toBe(false)
  const any = Array.from({ length: 40 }, (_, index) => `a == '${index}'`).join(' || ')
  expect(witnesses(read(any))).toHaveLength(32)
  const some = (label: string) => `${label} in {'1', '2', '3', '4', '5', '6', '7'}`
  expect(witnesses(read(`${some('a')} && ${some('b')}`))).toHaveLength(32)
})
