import { type Finding, type LintRule, lint, lintRules } from '../../../../src/policy/lint/index.ts'
import { expectGolden } from '../../../support/golden.ts'
import { readYaml } from './read-yaml.ts'

/** The examples show one policy or two, not all that a namespace needs. */
const ofTheWhole = 'namespace-without-default-deny'

const named = lintRules.map((rule) => [rule.id, rule] as const)

test('there are at least 40 rules, and no two of one id', () => {
  const ids = lintRules.map(({ id }) => id)
  expect(ids.length).toBeGreaterThanOrEqual(40)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^[a-z]+(-[a-z0-9]+)*$/.test(id))).toEqual([])
})

test.each(named)('%s: what it finds by itself in its bad example', (id, rule) => {
  const lines = findingsIn(rule, rule.bad, [rule]).map(({ object, path, message, fix }) => {
    const place = `${object.kind} ${object.name} ${path.join('.')}`
    return `${place}: ${message}\n${fix === rule.fix ? '' : `fix: ${fix}\n`}`
  })
  expectGolden(`lint/rules/${id}.txt`, lines.join(''))
})

test.each(named)('%s: it finds nothing by itself in its good example', (_, rule) => {
  expect(findingsIn(rule, rule.good, [rule])).toEqual([])
})

test.each(named)('%s: the bad example is found, and nothing but what is listed beside it', (_, rule) => {
  const found = idsFoundIn(rule, rule.bad)
  expect(found).toContain(rule.id)
  expect(found.filter((id) => id !== rule.id && id !== ofTheWhole).sort()).toEqual(
    [...(rule.alsoFinds ?? [])].sort(),
  )
})

test.each(named)('%s: the good example is clean', (_, rule) => {
  const allowed = [ofTheWhole, ...(rule.alsoFinds ?? [])].filter((id) => id !== rule.id)
  expect(idsFoundIn(rule, rule.good).filter((id) => !allowed.includes(id))).toEqual([])
})

test.each(named)('%s: what it says can be read and followed', (_, { title, why, fix }) => {
  expect(title).not.toMatch(/[.]$/)
  expect(why.split(' ').length).toBeGreaterThan(15)
  expect(fix).not.toBe('')
})

function idsFoundIn(rule: LintRule, example: string): string[] {
  return [...new Set(findingsIn(rule, example).map((finding) => finding.rule))]
}

function findingsIn(rule: LintRule, example: string, rules?: LintRule[]): Finding[] {
  return lint(readYaml(`${rule.cluster}\n---${example}`), { rules }).findings
}
