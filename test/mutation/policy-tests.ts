/**
 * All tests of src/policy but its linter's as one file, the quick ones first: a mutant is loaded once and mostly dies
 * at once. `npm run mutate` runs it, nothing else does.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../unit/policy')
const slow = ['tricky-cases', 'lower', 'matrix/', 'oracle/oracle']
/** Whole seconds for every mutant, and they kill few that the others leave. */
const left = ['lint/', 'oracle/coverage', 'matrix/connections', 'recordings']

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !left.some((text) => file.includes(text)))
  .sort((a, b) => rank(a) - rank(b))
for (const file of files) await import(join(folder, file))

function rank(file: string): number {
  return slow.findIndex((text) => file.includes(text))
}
