import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { assignSuppressions, lint } from '../../../../src/policy/index.ts'

const object: KubernetesObject = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'StagedNetworkPolicy',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: "app == 'web'", types: ['Ingress'] },
}

const second = { ...object, metadata: { name: 'api', namespace: 'shop' } }

function found(comment: { rule: string; reason: string }): [string, string][] {
  const { findings } = lint([object], { suppressions: [{ object, line: 1, ...comment }] })
  return findings.map(({ rule, severity }) => [rule, severity])
}

test('a suppression with a reason silences its rule, and the reason is kept', () => {
  const suppressions = [{ object, line: 1, rule: 'staged-left-behind', reason: 'until May' }]
  const { findings, suppressed } = lint([object], { suppressions })
  expect(findings).toEqual([])
  expect(suppressed.map(({ finding, reason }) => [finding.rule, reason])).toEqual([
    ['staged-left-behind', 'until May'],
  ])
})

test('without a reason it silences nothing and is an error itself', () => {
  expect(found({ rule: 'staged-left-behind', reason: '' })).toEqual([
    ['suppression-without-reason', 'error'],
    ['staged-left-behind', 'info'],
  ])
})

test('one of a rule that does not exist, and one that silences nothing, are findings', () => {
  expect(found({ rule: 'staged', reason: 'why not' })).toContainEqual([
    'suppression-of-unknown-rule',
    'error',
  ])
  expect(found({ rule: 'unknown-tier', reason: 'why not' })).toContainEqual(['suppression-unused', 'info'])
})

test('it silences nothing of another object', () => {
  const suppressions = [{ object, line: 1, rule: 'staged-left-behind', reason: 'until May' }]
  expect(lint([object, second], { suppressions }).findings.map(({ object: { name } }) => name)).toEqual([
    'api',
  ])
})

test.each([
  ['above the first object, below the document mark', ['---', '# ztlab-lint-ignore x: y', 'a', 'b']],
  ['above with another comment between', ['# ztlab-lint-ignore x: y', '# more', 'a', 'b']],
  ['inside the object', ['a', '  # ztlab-lint-ignore x: y', 'b']],
  ['behind a value', ['a', 'b # ztlab-lint-ignore x: y']],
])('a comment %s belongs to it', (_, lines) => {
  const line = lines.indexOf('a') + 1
  const assigned = assignSuppressions(lines.join('\n'), [{ object, line }])
  expect(assigned).toMatchObject([{ object, rule: 'x', reason: 'y' }])
})

test('a comment between two objects belongs to the second', () => {
  const text = ['a', 'b', '---', '# ztlab-lint-ignore x: y: with a colon', '', 'c'].join('\n')
  const assigned = assignSuppressions(text, [
    { object, line: 1 },
    { object: second, line: 6 },
  ])
  expect(assigned).toEqual([{ object: second, rule: 'x', reason: 'y: with a colon', line: 4 }])
})

test('text that is no comment is no suppression', () => {
  expect(assignSuppressions('a: "# ztlab-lint-ignore x: y"', [{ object, line: 1 }])).toEqual([])
})
