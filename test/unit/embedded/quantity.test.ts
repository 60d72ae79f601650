import { canonicalQuantity, isQuantity, parseQuantity } from '../../../src/embedded/quantity.ts'

test.each([
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.1', '100m'],
  [0.07, '70m'],
  ['1024Mi', '1Gi'],
  ['0.5Gi', '512Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1000', '1k'],
  ['1200', '1200'],
  ['1e3', '1e3'],
  ['10e2', '1e3'],
  ['5e2', '500'],
  ['1e-3', '1e-3'],
  [1e8, '100M'],
  ['5.', '5'],
  ['.5', '500m'],
  ['+5', '5'],
  ['-1500m', '-1500m'],
  ['-0', '0'],
  [0, '0'],
  ['0Gi', '0'],
  ['1.0000000001', '1000000001n'],
  ['1Ei', '1Ei'],
  ['12E', '12E'],
  ['9999999999999999999', '9223372036854775807'],
])('Kubernetes stores the quantity %s as %s', (given, stored) => {
  expect(canonicalQuantity(given)).toBe(stored)
  expect(canonicalQuantity(stored)).toBe(stored)
})

test('a quantity has a value, whatever its suffix', () => {
  expect(['1n', '1u', '250m', '1k', '1P', '2E', '1Pi', '1Ei', '1e3', '-1'].map(parseQuantity)).toEqual([
    1e-9,
    1e-6,
    0.25,
    1000,
    1e15,
    2e18,
    2 ** 50,
    2 ** 60,
    1000,
    -1,
  ])
  for (const none of ['', '1 Gi', '1gi', '1e', '.', 'one', '1Gi\n']) {
    expect(isQuantity(none)).toBe(false)
    expect(parseQuantity(none)).toBeNaN()
  }
})
