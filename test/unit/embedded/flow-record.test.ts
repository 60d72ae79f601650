import {
  type FlowRecord,
  flowPrefix,
  logStatement,
  policyKey,
  readFlowPrefix,
} from '../../../src/embedded/flow-record.ts'

const records: [string, FlowRecord][] = [
  ['allow 0 np/shop/web', { pending: false, action: 'allow', rule: 0, policy: 'np/shop/web' }],
  ['pending deny end snp/shop/web', { pending: true, action: 'deny', rule: null, policy: 'snp/shop/web' }],
  ['pass 12 gnp/platform', { pending: false, action: 'pass', rule: 12, policy: 'gnp/platform' }],
  ['deny end -', { pending: false, action: 'deny', rule: null, policy: null }],
]

test.each(records)('%s', (prefix, record) => {
  expect(flowPrefix(record)).toBe(prefix)
  expect(readFlowPrefix(prefix)).toEqual(record)
})

test('what others log is no record', () => {
  for (const prefix of ['calico-packet: ', '', 'allow', 'allow x np/a/b', 'log 0 np/a/b', 'dialled'])
    expect([prefix, readFlowPrefix(prefix)]).toEqual([prefix, undefined])
})

test('a long name leaves room in a prefix, and is still told from others', () => {
  const long = (end: string) => `snp/${'n'.repeat(63)}/${'p'.repeat(252)}${end}`
  const prefix = flowPrefix({ pending: true, action: 'allow', rule: 99_999, policy: long('a') })
  expect(prefix.length).toBeLessThanOrEqual(127)
  expect(
    flowPrefix({ pending: true, action: 'allow', rule: 99_999, policy: 'x'.repeat(90) }).length,
  ).toBeLessThan(127)
  expect(readFlowPrefix(prefix)?.policy).toBe(policyKey(long('a')))
  expect(policyKey(long('a'))).not.toBe(policyKey(long('b')))
})

test('nothing in a name ends the string of a rule', () => {
  const statement = logStatement('egress', {
    pending: false,
    action: 'deny',
    rule: 0,
    policy: 'np/a/x" drop',
  })
  expect(statement).toMatch(/^log prefix "deny 0 np\/~[0-9a-f]{32}" group 2$/)
})
