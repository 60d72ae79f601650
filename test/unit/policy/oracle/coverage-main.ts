/**
 * `npm run coverage:policies`: writes docs/policy-coverage.md, how often the random sets of the tests use each field
 * of each policy kind, and how often it decided. `SETS` (4000).
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../../src/project-root.ts'
import { Random } from '../../../support/random-policies/random.ts'
import { coverageOf } from './coverage.ts'
import { coverageTable } from './coverage-table.ts'

const sets = Number(process.env.SETS || 4000)
const head = `# What the random policies of the tests cover

Made by \`npm run coverage:policies\` from ${sets} random sets (seed 1). The same generator feeds the comparison with
the naive evaluator (test/unit/policy/oracle) and the fuzzer (test/fuzz).

*used*: how often the field was there. *tried*: how often the set was evaluated again without it, or, where it is
required, with another value (a policy's name with one that sorts elsewhere: so it shows ties of order). *decided*: how
often that changed a verdict, enforced or pending. A field that has decided three times is only counted from then on.
Kinds that share a type of rule share its lines. A *situation* is no field: it is counted in the verdicts it decided.
`
const rows = coverageOf(new Random(1), { sets, flowsPerSet: 120 })
writeFileSync(join(projectRoot(), 'docs/policy-coverage.md'), [head, ...coverageTable(rows), ''].join('\n'))
