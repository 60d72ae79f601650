import { didYouMean, mostSimilar } from '../../../../src/policy/admit/similar.ts'

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

test.each([
  ['abcdef', 'abcdef', true],
  ['abcdef', 'abcdxy', true],
  ['abcdef', 'abcxyz', false],
  ['abcdef', 'badcef', true],
  ['abcdef', 'bacdfe', true],
  ['abcdef', 'fabcde', true],
  ['abcdef', 'abcdefgh', true],
  ['abcdef', 'abcdefghi', false],
  ['abcdef', 'cdef', true],
  ['abc', 'acb', true],
  ['abc', 'cab', false],
  ['ab', 'ba', true],
  ['a', 'b', true],
  ['ab', 'xy', false],
  ['', 'a', true],
  ['', 'ab', false],
])('%j is near %j: %j', (word, known, near) => {
  expect(mostSimilar(word, [known])).toBe(near ? known : undefined)
})

test('the first of equally near words', () => {
  expect(mostSimilar('cat', ['bat', 'hat', 'cab'])).toBe('bat')
  expect(mostSimilar('cats', ['hats', 'cat', 'cats'])).toBe('cats')
})

test('a question for the message', () => {
  expect(didYouMean('nts', ['nets'])).toBe('did you mean nets?')
  expect(didYouMean('hostnames', ['nets'])).toBeUndefined()
})
