// Mutation testing of src/policy, without arguments of all of it, else of the files named: `npm run mutate -- FILE…`.
// With --incremental, what has not changed since the last such run is taken from it; with --workers=N, N at once try
// each part; with --report, the reports of the last run are told again and nothing is tried.
// Prints the survivors that survivors.yaml does not name, then the score of each folder; exit 1 where a survivor has
// no name, or the whole is below 85 %. docs/mutation.md tells more.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { nameSurvivors } from './survivors.mjs'

const leastPercent = 85
const { values, positionals: named } = parseArgs({
  options: {
    incremental: { type: 'boolean', default: false },
    workers: { type: 'string', default: '1' },
    report: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

/** The linter's mutants meet the linter's tests, the engine's the engine's: that alone makes it quick enough. */
const parts = {
  engine: ['src/policy/**/*.ts', '!src/policy/lint/**'],
  lint: ['src/policy/lint/**/*.ts'],
}
const wanted = Object.entries(parts).flatMap(([part, whole]) => {
  const mutate = named.length > 0 ? named.filter((file) => partOf(file) === part) : whole
  return mutate.length > 0 ? [{ part, mutate }] : []
})
if (!values.report) await Promise.all(wanted.map(run))
const mutants = wanted.flatMap(({ part }) => reported(part))
const { text, percent } = scoreTable(mutants)
const survivors = nameSurvivors(mutants)
process.stdout.write(`${survivors.text}\n${text}`)
mkdirSync('coverage', { recursive: true })
writeFileSync('coverage/mutation.md', text)
process.exitCode = survivors.unnamed > 0 || percent < leastPercent ? 1 : 0

function partOf(file) {
  return file.startsWith('src/policy/lint/') ? 'lint' : 'engine'
}

/** Each part in a process of its own: its tests are chosen by the environment. */
async function run({ part, mutate }) {
  const { workers, incremental } = values
  const given = JSON.stringify({ part, mutate, concurrency: Number(workers), incremental })
  const child = spawn(process.execPath, [join(import.meta.dirname, 'part.mjs'), given], { stdio: 'inherit' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`mutation testing of the ${part} ended with ${code}`)
}

/** The mutants of Stryker's report. */
function reported(part) {
  const path = `coverage/mutation-${part}.json`
  if (!existsSync(path)) throw new Error(`there is no ${path}: run it without --report first`)
  const { files } = JSON.parse(readFileSync(path, 'utf8'))
  return Object.entries(files).flatMap(([fileName, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, fileName, source })),
  )
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
  const tried = noticed + Survived + NoCoverage
  return tried === 0 ? '' : ((100 * noticed) / tried).toFixed(1)
}

/** `evaluate/`, `lint/rules/`, or the file itself where it stands in src/policy. */
function folderOf(fileName) {
  const path = relative('src/policy', fileName)
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : path
}
