// Mutation testing of src/policy, without arguments of all of it, else of the files named: `npm run mutate -- FILE…`.
// With --incremental, what has not changed since the last such run is taken from it.
// Prints the survivors, then those that survivors.yaml does not name, then the score of each folder; exit 1 where a
// survivor has no name, or the whole is below 85 %. docs/mutation.md tells more.
import { mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Stryker } from '@stryker-mutator/core'
import { nameSurvivors } from './survivors.mjs'

const leastPercent = 85

/** The linter's mutants meet the linter's tests, the engine's the engine's: that alone makes it quick enough. */
const parts = {
  engine: ['src/policy/**/*.ts', '!src/policy/lint/**'],
  lint: ['src/policy/lint/**/*.ts'],
}

/** The random tests go round less often: what they alone notice is mostly noticed in the first sets. */
process.env.ZTLAB_SEED ??= '1'
process.env.ZTLAB_RANDOM_SCALE ??= '0.04'

const incremental = process.argv.includes('--incremental')
const named = process.argv.slice(2).filter((text) => text !== '--incremental')
const results = []
for (const [part, whole] of Object.entries(parts)) {
  const mutate = named.length > 0 ? named.filter((file) => partOf(file) === part) : whole
  if (mutate.length === 0) continue
  process.env.ZTLAB_MUTATED = part
  results.push(...(await new Stryker({ ...options(part), mutate }).runMutationTest()))
}
const { text, percent } = scoreTable(results)
const survivors = nameSurvivors(results)
process.stdout.write(`${survivors.text}\n${text}`)
mkdirSync('coverage', { recursive: true })
writeFileSync('coverage/mutation.md', text)
process.exitCode = survivors.unnamed > 0 || percent < leastPercent ? 1 : 0

function partOf(file) {
  return file.startsWith('src/policy/lint/') ? 'lint' : 'engine'
}

function options(part) {
  return {
    configFile: 'test/mutation/stryker.config.json',
    jsonReporter: { fileName: `coverage/mutation-${part}.json` },
    incremental,
    incrementalFile: `.cache/mutation-${part}.json`,
  }
}

/** Killed by a test or by going on for ever, against all that could have been noticed. */
function scoreTable(mutants) {
  const rows = new Map()
  for (const { fileName, status } of mutants) {
    for (const name of [folderOf(fileName), 'all']) {
      const row = rows.get(name) ?? { Killed: 0, Timeout: 0, Survived: 0, NoCoverage: 0, Ignored: 0 }
      row[status]++
      rows.set(name, row)
    }
  }
  const sorted = [...rows].sort(([a], [b]) => (a === 'all') - (b === 'all') || (a < b ? -1 : 1))
  const lines = sorted.map(
    ([name, row]) => `| ${name} | ${Object.values(row).join(' | ')} | ${percentOf(row)} |`,
  )
  const head =
    '| folder | killed | timeout | survived | not reached | ignored | score % |\n|---|--:|--:|--:|--:|--:|--:|\n'
  return { text: `${head}${lines.join('\n')}\n`, percent: Number(percentOf(rows.get('all'))) }
}

function percentOf({ Killed, Timeout, Survived, NoCoverage }) {
  const noticed = Killed + Timeout
  return ((100 * noticed) / (noticed + Survived + NoCoverage)).toFixed(1)
}

/** `evaluate/`, `lint/rules/`, or the file itself where it stands in src/policy. */
function folderOf(fileName) {
  const path = relative('src/policy', fileName)
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : path
}
