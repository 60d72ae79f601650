import { isAtLeast, type Severity } from '../../../../src/policy/index.ts'
import { listText } from '../../../../src/policy/lint/words.ts'

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd'], 'a, b, c and 1 more'],
  [['a', 'b', 'c', 'd', 'e', 'a'], 'a, b, c and 2 more'],
])('%j is listed as %j', (names, text) => {
  expect(listText(names)).toBe(text)
})

test.each<[Severity, Severity, boolean]>([
  ['error', 'error', true],
  ['error', 'info', true],
  ['warning', 'error', false],
  ['warning', 'warning', true],
  ['info', 'warning', false],
])('%s counts where findings from %s up do: %j', (severity, threshold, counts) => {
  expect(isAtLeast(severity, threshold)).toBe(counts)
})
