import { mostSimilar } from '../../../../src/policy/admit/similar.ts'

test('a misspelt word is known again, another is not', () => {
  const known = ['selector', 'notSelector', 'nets', 'ports']
  expect(mostSimilar('selectr', known)).toBe('selector')
  expect(mostSimilar('Selector', known)).toBe('selector')
  expect(mostSimilar('net', known)).toBe('nets')
  expect(mostSimilar('port', known)).toBe('ports')
  expect(mostSimilar('Pdo', ['Node', 'Pod'])).toBe('Pod')
  expect(mostSimilar('hostnames', known)).toBeUndefined()
  expect(mostSimilar('x', [])).toBeUndefined()
})
