import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../../support/random-policies/random.ts'
import { coverageOf } from './coverage.ts'
import { expectedFields, readTable } from './coverage-table.ts'

const table = readTable(
  readFileSync(join(import.meta.dirname, '../../../../docs/policy-coverage.md'), 'utf8'),
)

test('the table has every field of every policy kind, and each was used', () => {
  expect(expectedFields().filter((field) => !table.get(field)?.used)).toEqual([])
})

test.each(['Pass from the last tier', 'from a host-network pod', 'staged policies', 'a HostEndpoint denies'])(
  'situation: %s',
  (name) => {
    const found = [...table].filter(([field]) => field.startsWith(`Situation: ${name}`))
    expect(found.map(([, { decided }]) => decided > 0)).toEqual([true])
  },
)

test('every field has decided a verdict, apart from those that can decide none', () => {
  const idle = [...table].filter(([, { decided, note }]) => decided === 0 && note === '')
  expect(idle.map(([field]) => field)).toEqual([])
})

test('what never decides is not said to decide', () => {
  expect([...table].filter(([, { decided, note }]) => decided > 0 && note !== '')).toEqual([])
})

test('the random sets of today still use what the table says, and decide by it', () => {
  const rows = coverageOf(new Random(1), { sets: 40, flowsPerSet: 60 })
  expect([...rows.keys()].filter((field) => !table.has(field))).toEqual([])
  const decided = [...rows].filter(([, row]) => row.decided > 0)
  expect(decided.length).toBeGreaterThan(60)
})
