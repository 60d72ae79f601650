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

describe('where a comment stands', () => {
  const assigned = (...lines: string[]) =>
    assignSuppressions(lines.join('\n'), [
      { object: second, line: lines.indexOf('second') + 1 },
      { object, line: lines.indexOf('first') + 1 },
    ]).map((one) => [one.object.metadata.name, one.rule, one.reason, one.line])

  test('at the end of the first object, with more of it below', () => {
    const lines = ['first', '# ztlab-lint-ignore x: y', 'more', '---', 'second']
    expect(assigned(...lines)).toEqual([['web', 'x', 'y', 2]])
  })

  test('at the very end of the first object, and in its first line', () => {
    const lines = ['first', 'more # ztlab-lint-ignore x: y', '---', 'second']
    expect(assigned(...lines)).toEqual([['web', 'x', 'y', 2]])
    const [one, two] = [
      { object, line: 1 },
      { object: second, line: 2 },
    ]
    const assignedNow = assignSuppressions('first # ztlab-lint-ignore x: y\nsecond', [one, two])
    expect(assignedNow.map((suppression) => suppression.object)).toEqual([object])
  })

  test('with text between that only looks like a document mark', () => {
    expect(assigned('first', '# ztlab-lint-ignore x: y', 'a --- b', 'second')).toEqual([['web', 'x', 'y', 2]])
  })

  test('on the first line of an object', () => {
    expect(assigned('first', '---', 'second', 'a # ztlab-lint-ignore x: y')).toEqual([['api', 'x', 'y', 4]])
  })

  test('below everything, and above everything but for other text', () => {
    expect(assigned('first', 'second', '# ztlab-lint-ignore x: y')).toEqual([['api', 'x', 'y', 3]])
    expect(assigned('text # ztlab-lint-ignore x: y', 'first', 'second')).toEqual([['web', 'x', 'y', 1]])
  })

  test('without a rule, without a reason, with blanks', () => {
    const lines = [
      '# ztlab-lint-ignore',
      '#  ztlab-lint-ignore x',
      '  #\tztlab-lint-ignore  x :  y  ',
      'first',
      'second',
    ]
    expect(assigned(...lines)).toEqual([
      ['web', '', '', 1],
      ['web', 'x', '', 2],
      ['web', 'x', 'y', 3],
    ])
  })

  test('what only looks like one', () => {
    expect(
      assigned(
        'first',
        '# ztlab-lint-ignored x: y',
        "a: '# ztlab-lint-ignore x: y'",
        'a#ztlab-lint-ignore',
        'second',
      ),
    ).toEqual([])
  })

  test('without objects', () => {
    expect(assignSuppressions('# ztlab-lint-ignore x: y', [])).toEqual([])
  })
})

test('what suppressions are told for', () => {
  const said = (rule: string, reason: string) =>
    lint([object], { suppressions: [{ object, line: 1, rule, reason }] }).findings.map(
      ({ message }) => message,
    )[0]
  expect(said('', 'y')).toBe('a suppression names no rule')
  const suppressions = [{ object, line: 1, rule: '', reason: 'y' }]
  expect(lint([object], { suppressions }).findings[0]!.path).toEqual([])
  expect(said('staged', 'y')).toBe('no rule is called staged')
  expect(said('staged-left-behind', '')).toBe(
    'the suppression of staged-left-behind gives no reason and is ignored',
  )
  expect(
    lint([object], { suppressions: [{ object, line: 1, rule: 'unknown-tier', reason: 'y' }] }).findings.at(
      -1,
    )!.message,
  ).toBe('the suppression of unknown-tier silences nothing')
})
