import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import AjvDraft04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { type LintReport, lint, lintRules } from '../../../src/policy/index.ts'
import { formatLint } from '../../../src/report/index.ts'
import { expectGolden } from '../../support/golden.ts'
import { readYaml } from '../policy/lint/read-yaml.ts'

/** SARIF's own schema, as the npm package @microsoft/jest-sarif 1.0.0-beta.0 (MIT) carries it. */
const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/sarif/sarif-2.1.0.schema.json'), 'utf8'),
)

// Both packages are CommonJS; under Jest their default export is the module itself.
const Ajv = (AjvDraft04 as { default?: typeof AjvDraft04 }).default ?? AjvDraft04
const formats = (addFormats as { default?: typeof addFormats }).default ?? addFormats
const ajv = new (Ajv as never as new (options: object) => { compile(schema: object): Validate })({
  strict: false,
  allErrors: true,
  // The schema has a pattern that is none in Unicode mode.
  unicodeRegExp: false,
})
;(formats as never as (target: object) => void)(ajv)
const validate = ajv.compile(schema)

interface Validate {
  (data: unknown): boolean
  errors?: unknown
}

/** Everything that any rule's bad example yields, with places that need escaping. */
function everything(): LintReport {
  const findings = lintRules.flatMap(
    ({ id, cluster, bad }) =>
      lint(readYaml(`${cluster}\n---${bad}`), {
        locate: () => ({ file: `policies/${id} of 100%.yaml`, line: 3, col: 1 }),
      }).findings,
  )
  const suppressed = [{ finding: findings[0]!, reason: 'known, and "quoted"' }]
  return { findings, suppressed, notes: ['no pods are given'] }
}

test('SARIF of every rule is valid by the schema of SARIF 2.1.0', () => {
  const log = JSON.parse(formatLint(everything(), 'sarif', { version: '0.1.0' }))
  validate(log)
  expect(validate.errors ?? []).toEqual([])
  expect(log.runs[0].results.length).toBeGreaterThan(lintRules.length)
})

test('the schema refuses what is no SARIF', () => {
  expect(validate({ version: '2.1.0', runs: [{}] })).toBe(false)
})

test('a finding without a place is valid as well, and so is nothing at all', () => {
  for (const report of [
    lint(readYaml(`${lintRules[0]!.cluster}\n---${lintRules[0]!.bad}`)),
    { findings: [], suppressed: [], notes: [] },
  ]) {
    validate(JSON.parse(formatLint(report, 'sarif', { version: '0.1.0' })))
    expect(validate.errors ?? []).toEqual([])
  }
})

test('a finding, a suppressed one and a note in SARIF', () => {
  const report = everything()
  const log = JSON.parse(
    formatLint({ ...report, findings: report.findings.slice(0, 1) }, 'sarif', { version: '0.1.0' }),
  )
  log.runs[0].tool.driver.rules = log.runs[0].tool.driver.rules.slice(0, 1)
  expectGolden('lint/small.sarif.json', `${JSON.stringify(log, null, 2)}\n`)
})
