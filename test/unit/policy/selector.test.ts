import { compileSelector, parseSelector } from '../../../src/policy/index.ts'
import {
  and,
  equals,
  everything,
  not,
  prefixLabels,
  rewriteSelector,
  type Selector,
  selectorText,
  someNode,
} from '../../../src/policy/selector.ts'

const labels = new Map([
  ['app', 'web'],
  ['empty', ''],
  ['version', 'v1.2-beta'],
])

function selects(text: string): boolean {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(parsed.message)
  return compileSelector(parsed.selector)(labels)
}

describe('app=web, empty="", version=v1.2-beta', () => {
  test.each([
    'all()',
    'global()',
    "app == 'web'",
    "app != 'db'",
    "missing != 'x'",
    "missing not in {'x'}",
    "!(missing == 'x')",
    "empty == ''",
    'has(empty)',
    '!has(missing)',
    "app in {'db', 'web'}",
    'app not in {}',
    "version contains '1.2'",
    "version contains ''",
    "version starts with 'v1'",
    "version ends with '-beta'",
    "app == 'db' || has(version)",
    "!app != 'web'",
  ])('%s selects', (text) => {
    expect(selects(text)).toBe(true)
  })

  test.each([
    "app == 'Web'",
    "missing == ''",
    "missing == 'x'",
    'has(missing)',
    "missing in {'x'}",
    "missing contains ''",
    "missing starts with ''",
    "missing ends with ''",
    'app in {}',
    "app not in {'web'}",
    "app == 'web' && app == 'db'",
    "app == 'db' || app == 'x' && all()",
    "version starts with '1'",
    "version ends with 'v1'",
    'has(constructor)',
  ])('%s does not', (text) => {
    expect(selects(text)).toBe(false)
  })
})

describe('building selectors', () => {
  const a: Selector = { op: 'has', label: 'a' }
  const b: Selector = { op: 'in', label: 'b', values: ['x'] }

  test('and leaves all() out and does not wrap a single term', () => {
    expect(and()).toEqual(everything)
    expect(and(everything, a)).toEqual(a)
    expect(selectorText(and(a, everything, b))).toBe('(has(a) && b in {"x"})')
  })

  test('not undoes itself', () => {
    expect(not(not(a))).toEqual(a)
  })

  test('not wraps, and equals compares', () => {
    expect(not(a)).toEqual({ op: 'not', operand: a })
    expect(equals('a', 'b')).toEqual({ op: '==', label: 'a', value: 'b' })
  })

  test('a rewrite reaches every node, and goes no further into what it replaced', () => {
    const tree: Selector = {
      op: 'not',
      operand: { op: 'or', operands: [a, { op: 'and', operands: [b, a] }] },
    }
    const renamed = rewriteSelector(tree, (node) => (node.op === 'has' ? { op: 'global' } : undefined))
    expect(selectorText(renamed)).toBe('!(global() || (b in {"x"} && global()))')
    const whole = rewriteSelector(tree, (node) =>
      node.op === 'or' ? { op: 'not', operand: node } : undefined,
    )
    expect(selectorText(whole)).toBe('!!(has(a) || (b in {"x"} && has(a)))')
  })

  test('some node is looked for in every place', () => {
    const isB = ({ op }: Selector) => op === 'in'
    expect(
      [b, not(b), and(a, b), { op: 'or' as const, operands: [a, not(b)] }].map((one) => someNode(one, isB)),
    ).toEqual([true, true, true, true])
    expect([a, not(a), and(a, a), everything].map((one) => someNode(one, isB))).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('a prefix reaches every label of the tree', () => {
    const parsed = parseSelector("!(a == 'x' && has(b)) || c not in {'y'}")
    expect(parsed.ok && selectorText(prefixLabels(parsed.selector, 'pcns.'))).toBe(
      '(!(pcns.a == "x" && has(pcns.b)) || pcns.c not in {"y"})',
    )
  })
})
