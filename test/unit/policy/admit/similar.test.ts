import { didYouMean, mostSimilar } from '../../../../src/policy/admit/similar.ts'
import { Random } from '../../../support/random-policies/random.ts'

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

test('near is what few insertions, deletions, replacements and swaps of neighbours make of a word', () => {
  const random = new Random(7)
  const word = () => Array.from({ length: 4 + random.below(6) }, () => random.pick(['a', 'b', 'c'])).join('')
  for (let round = 0; round < 400; round++) {
    const [one, other] = [word(), word()]
    const near = distance(one, other) <= Math.max(1, Math.floor(one.length / 3))
    expect([one, other, mostSimilar(one, [other])]).toEqual([one, other, near ? other : undefined])
  }
})

/** Naively, from the ends of the words. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length
  const [lessA, lessB] = [a.slice(0, -1), b.slice(0, -1)]
  if (a.at(-1) === b.at(-1)) return distance(lessA, lessB)
  const swaps = a.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)
  const swapped = swaps ? [distance(a.slice(0, -2), b.slice(0, -2))] : []
  return 1 + Math.min(distance(lessA, b), distance(a, lessB), distance(lessA, lessB), ...swapped)
}

test('the first of equally near words', () => {
  expect(mostSimilar('cat', ['bat', 'hat', 'cab'])).toBe('bat')
  expect(mostSimilar('cats', ['hats', 'cat', 'cats'])).toBe('cats')
})

test('a question for the message', () => {
  expect(didYouMean('nts', ['nets'])).toBe('did you mean nets?')
  expect(didYouMean('hostnames', ['nets'])).toBeUndefined()
})
