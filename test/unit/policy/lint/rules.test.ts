import { type LintRule, lint, lintRules } from '../../../../src/policy/lint/index.ts'
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
  const { findings } = lint(readYaml(`${rule.cluster}\n---${example}`))
  return [...new Set(findings.map((finding) => finding.rule))]
}
