import { counterName, readCounterName, render } from '../../../../src/embedded/felix/index.ts'
import { calicoBasics, everything } from './rule-table.ts'

test('a counter name can be read back', () => {
  for (const table of [calicoBasics(), everything()]) {
    for (const [name, meaning] of render(table, 'node-1').counters) {
      const policy = meaning.kind.endsWith('end-of-tier') ? null : meaning.policy
      expect(readCounterName(name)).toEqual({ ...meaning, policy })
    }
  }
})

test('names read like what they count', () => {
  const rule = { direction: 'ingress', action: 'deny', rule: 2 } as const
  expect(counterName({ kind: 'rule', policy: 'np/shop/web', ...rule })).toBe('np/shop/web/ingress/2/deny')
  expect(counterName({ kind: 'guard', guard: 'invalid', direction: 'egress', action: 'deny' })).toBe(
    'guard/egress/invalid/deny',
  )
})

test('policies called ingress or pod are told apart from the words of a name', () => {
  const meaning = {
    kind: 'rule',
    direction: 'egress',
    action: 'allow',
    rule: 0,
    policy: 'np/pod/ingress',
  } as const
  expect(readCounterName(counterName(meaning))).toMatchObject(meaning)
})

test('a name too long for the kernel is cut and stays unique', () => {
  const name = (last: string) =>
    counterName({
      kind: 'rule',
      policy: `np/${'n'.repeat(63)}/${'p'.repeat(252)}${last}`,
      direction: 'egress',
      action: 'allow',
      rule: 0,
    })
  expect(name('a').length).toBeLessThanOrEqual(255)
  expect(name('a')).not.toBe(name('b'))
  expect(readCounterName(name('a'))).toBeUndefined()
})

test('what is not ours is not read', () => {
  for (const name of ['x', 'a/b/c', 'pod/a', 'guard/x/y/z', '']) expect(readCounterName(name)).toBeUndefined()
})
