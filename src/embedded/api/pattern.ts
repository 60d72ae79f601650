import { setFlagsFromString } from 'node:v8'

// A pattern comes from whoever defines a kind: one that would backtrack without end is run by an engine that never does.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

/** Far longer than any that is written by hand; much longer ones end the process that compiles them. */
const maxLength = 4096

/** The regular expression of a schema's `pattern`; a text says why it is none. */
export function patternOf(text: unknown): RegExp | string {
  if (typeof text !== 'string') return 'must be a string'
  if (text.length > maxLength) return `must be a valid regular expression of at most ${maxLength} characters`
  try {
    const pattern = new RegExp(text, 'u')
    // Compiled here and now: not every pattern that can be parsed can be.
    pattern.test('')
    return pattern
  } catch (error) {
    return `must be a valid regular expression, but isn't: ${(error as Error).message}`
  }
}
