// The tests of src/policy as one file for mocha, the quick ones first: most mutants die at once. `npm run mutate` runs
// it, nothing else does. The linter's tests run for the linter alone, the engine's for the engine.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { importTests } from './jest-globals.mjs'

const folder = join(import.meta.dirname, '../unit/policy')
const slow = [
  'tricky-cases',
  'recordings',
  'matrix/',
  'lower',
  'oracle/oracle',
  'lint/tricky-cases',
  'lint/lint',
  'lint/coverage',
]

/** Looks at the generator of random sets, not at src/policy. */
const left = 'oracle/coverage'

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.includes(left))
  .filter((file) => file.startsWith('lint/') === (process.env.ZTLAB_MUTATED === 'lint'))
  .sort((a, b) => rank(a) - rank(b))
await importTests(folder, files)

function rank(file) {
  return slow.findIndex((text) => file.includes(text))
}
