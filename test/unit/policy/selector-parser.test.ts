import { parseSelector, selectorText } from '../../../src/policy/index.ts'

function canonical(text: string): string {
  const parsed = parseSelector(text)
  return parsed.ok ? selectorText(parsed.selector) : `column ${parsed.column}: ${parsed.message}`
}

describe('a selector is read', () => {
  test.each([
    ['', 'all()'],
    [' \t', 'all()'],
    ['all()', 'all()'],
    ['all( )', 'all()'],
    ['global()', 'global()'],
    ['has(a)', 'has(a)'],
    ['has( a.b/c-d_e )', 'has(a.b/c-d_e)'],
    ["a=='b'", 'a == "b"'],
    ['a != "b"', 'a != "b"'],
    [`a == 'say "hi"'`, `a == 'say "hi"'`],
    ["a == ''", 'a == ""'],
    ["a contains 'b'", 'a contains "b"'],
    ["a starts with 'b'", 'a starts with "b"'],
    ["a startswith 'b'", 'a starts with "b"'],
    ["a starts  \twith'b'", 'a starts with "b"'],
    ["a ends with 'b'", 'a ends with "b"'],
    ["a endswith 'b'", 'a ends with "b"'],
    ["a in {'z', 'b'}", 'a in {"b", "z"}'],
    ["a in{'b',}", 'a in {"b"}'],
    ['a in {}', 'a in {}'],
    ["a not in {'b'}", 'a not in {"b"}'],
    ['a notin { }', 'a not in {}'],
    ["in == 'x'", 'in == "x"'],
    ["has == 'x'", 'has == "x"'],
    ["not in {'x'}", 'not in {"x"}'],
    ["a=='b'&&!c!='d'", '(a == "b" && !c != "d")'],
    ["!!a == 'b'", 'a == "b"'],
    ["!!!a == 'b'", '!a == "b"'],
    ["a == 'b' || c == 'd' && e == 'f'", '(a == "b" || (c == "d" && e == "f"))'],
    ["(a == 'b' || c == 'd') && has(e)", '((a == "b" || c == "d") && has(e))'],
    ["!(a == 'b' || has(c))", '!(a == "b" || has(c))'],
    ["( ( a == 'b' ) )", 'a == "b"'],
  ])('%j is %j', (text, expected) => {
    expect(canonical(text)).toBe(expected)
  })

  test('canonical text reads back as itself', () => {
    const text = canonical(`!(a in {'y','x'} && b starts with "q") || c == 'd"e' && !has(f)`)
    expect(canonical(text)).toBe(text)
  })
})

describe('a selector is refused where', () => {
  test.each([
    ["a = 'b'", 'column 3: a single "=" is no operator (write "==")'],
    ['a', 'column 2: expected an operator'],
    ['a == b', 'column 6: expected a value in quotes'],
    ["'a' == 'b'", 'column 1: a label must stand on the left, without quotes'],
    ["a == 'b", 'column 6: expected a value in quotes'],
    ["a == 'b' &&", 'column 12: expected a label'],
    ["a == 'b' has(c)", 'column 10: expected "&&", "||" or the end'],
    ["a == 'b' & has(c)", 'column 10: expected "&&"'],
    ["(a == 'b'", 'column 10: expected ")"'],
    ['has(a', 'column 6: expected ")"'],
    ['has()', 'column 5: expected a label'],
    ['has (a)', 'column 5: expected an operator'],
    ["a in {,'b'}", 'column 7: expected a value in quotes'],
    ["a in {'b' 'c'}", 'column 11: expected "}"'],
    ["a in 'b'", 'column 6: expected "{"'],
    ["a == 'b'\n", 'column 9: expected "&&"'],
    ["a containsx 'b'", 'column 3: expected an operator'],
    [`${'a'.repeat(513)} == 'b'`, 'column 513: expected an operator'],
    ['all()all()', 'column 6: expected "&&"'],
    ['!', 'column 2: expected a label'],
  ])('%j: %s', (text, expected) => {
    expect(canonical(text)).toContain(expected)
  })
})
