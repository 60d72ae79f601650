import { compare, type Expectation, type Verdict } from '../../../src/matrix/index.ts'

const edge = { from: 'a/b', to: 'a/c', protocol: 'TCP' as const, port: 80 }

function outcome(expectation: Expectation | null, predicted: Verdict | null, measured: Verdict) {
  const [cell] = compare({
    questions: [{ ...edge, expectation }],
    predicted: [{ ...edge, verdict: predicted, reason: 'rule', sides: [] }],
    measured: [{ ...edge, verdict: measured, reason: 'packets' }],
  })
  return cell!.ok ? 'ok' : cell!.oddOneOut
}

test.each<[Expectation | null, Verdict | null, Verdict, string | null]>([
  ['allow', 'allowed', 'allowed', 'ok'],
  ['deny', 'dropped', 'dropped', 'ok'],
  ['deny', 'dropped', 'rejected', 'ok'],
  ['refused', 'allowed', 'refused', 'ok'],
  ['unproven', 'dropped', 'unproven', 'ok'],
  ['dns-failure', 'dns-failure', 'dns-failure', 'ok'],
  ['deny', null, 'dropped', 'ok'],
  ['error', 'dropped', 'error', 'ok'],
  ['unsupported', 'allowed', 'unsupported', 'ok'],
  [null, 'dropped', 'dropped', 'ok'],
  // One is the odd one out.
  ['deny', 'allowed', 'allowed', 'expected'],
  ['allow', 'dropped', 'dropped', 'expected'],
  ['allow', 'dropped', 'allowed', 'predicted'],
  ['deny', 'allowed', 'dropped', 'predicted'],
  ['allow', 'allowed', 'dropped', 'measured'],
  ['deny', 'dropped', 'allowed', 'measured'],
  ['deny', 'dropped', 'dns-failure', 'measured'],
  // What is no answer about the network is never a denial.
  ['deny', 'dropped', 'unproven', 'measured'],
  ['deny', 'dropped', 'error', 'measured'],
  ['deny', 'dropped', 'not-run', 'measured'],
  ['deny', 'dropped', 'unsupported', 'measured'],
  ['deny', 'dropped', 'flapping', 'measured'],
  ['deny', 'dropped', 'refused', 'measured'],
  ['deny', 'dropped', 'unreachable', 'measured'],
  ['allow', 'allowed', 'refused', 'measured'],
  // Two answers alone do not say which is odd.
  ['deny', null, 'allowed', 'all'],
  [null, 'dropped', 'allowed', 'all'],
  ['deny', 'allowed', 'dns-failure', 'all'],
  ['error', 'dropped', 'dropped', 'expected'],
])('expected %s, predicted %s, measured %s: %s', (expectation, predicted, measured, result) => {
  expect(outcome(expectation, predicted, measured)).toBe(result)
})

test.each<Verdict>(['unproven', 'error', 'not-run', 'unsupported', 'flapping'])(
  'measured %s fails where nobody expects and nothing is predicted',
  (measured) => {
    expect(outcome(null, null, measured)).toBe(null)
  },
)

test('a question that was not measured is not-run, and fails', () => {
  const cells = compare({ questions: [{ ...edge, expectation: 'deny' }], predicted: [], measured: [] })
  expect(cells).toMatchObject([{ measured: 'not-run', ok: false, predicted: null, predictedReason: null }])
})
