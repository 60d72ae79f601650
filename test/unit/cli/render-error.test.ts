import { defaultHints, exitCodeOf, renderError } from '../../../src/cli/render-error.ts'
import { type ErrorCode, errorCodes, LabError } from '../../../src/errors.ts'

const codes = Object.keys(errorCodes) as ErrorCode[]

test.each(codes)('%s always says what to do next', (code) => {
  const text = renderError(new LabError({ code, message: 'it broke' }), { verbose: false })
  expect(text).toBe(`ERROR [${code}] it broke\nnext: ${defaultHints[code]}`)
  expect(defaultHints[code].trim()).not.toBe('')
})

test('shows problems, every cause once, and the hint of where it was thrown', () => {
  const error = new LabError({
    code: 'bad-input',
    message: 'lab.yaml is not right',
    problems: ['lab.yaml:3:5 spec: unknown key (remove it)'],
    cause: new LabError({ code: 'timeout', message: 'first', cause: new Error('second\nline') }),
    hint: 'ztlab lab list',
  })
  expect(renderError(error, { verbose: false })).toBe(
    [
      'ERROR [bad-input] lab.yaml is not right',
      '  lab.yaml:3:5 spec: unknown key (remove it)',
      'why: first',
      'why: second',
      '     line',
      'next: ztlab lab list',
    ].join('\n'),
  )
})

test('a known error shows its stack with --verbose only, an unknown one always', () => {
  const known = new LabError({ code: 'timeout', message: 'late' })
  expect(renderError(known, { verbose: false })).not.toContain('render-error.test')
  expect(renderError(known, { verbose: true })).toContain('render-error.test')
  expect(renderError(new TypeError('x is not a function'), { verbose: false })).toMatch(
    /^ERROR \[bug] x is not a function\n[\s\S]*render-error.test[\s\S]*\nnext: /,
  )
})

test.each<[unknown, number]>([
  [new LabError({ code: 'bad-input', message: '' }), 2],
  [new LabError({ code: 'not-found', message: '' }), 2],
  [new LabError({ code: 'enforces-nothing', message: '' }), 3],
  [new LabError({ code: 'missing-package', message: '' }), 3],
  [new LabError({ code: 'interrupted', message: '' }), 130],
  [new TypeError('bug'), 3],
  ['a string', 3],
])('%p ends with exit code %d', (error, code) => {
  expect(exitCodeOf(error)).toBe(code)
})
