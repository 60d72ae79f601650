import { type LintRule, lintRules, type RuleText, suppressionRules } from '../../src/policy/index.ts'

/** The pages of docs/lint, by file name: one per rule, and an index of them. */
export function lintPages(): Map<string, string> {
  return new Map([
    ['README.md', indexPage()],
    ...lintRules.map((rule): [string, string] => [`${rule.id}.md`, rulePage(rule)]),
    ...Object.values(suppressionRules).map((rule): [string, string] => [`${rule.id}.md`, head(rule)]),
  ])
}

const mark = '<!-- Made by `npm run docs` from the rule itself. -->\n'

function indexPage(): string {
  const all: RuleText[] = [...lintRules, ...Object.values(suppressionRules)].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  const rows = all.map(({ id, severity, title }) => `| [${id}](${id}.md) | ${severity} | ${title} |`)
  return `${mark}
# Lint

\`ztlab lint -f PATH…\` reads policies and whatever else is given of a cluster (Namespaces, Pods or workloads, Services,
network sets) and says what is wrong with the policies, judged by what the whole set does. Without pods nothing is said
about who is selected; where pods are given, they are taken to be all there are. Policies that the API server would
refuse are findings, too, and the rest is looked at without them.

- \`--output text|json|sarif|github\`: for people, for programs, for code scanning (SARIF 2.1.0), for GitHub Actions.
- \`--fail-on error|warning|info\`: ends with 1 where a finding is at least that grave; default \`error\`.
- \`# ztlab-lint-ignore RULE-ID: reason\` above an object or inside it silences a rule for that object. A suppression
  without a reason, of a rule that does not exist, or that silences nothing is a finding itself.

**error**: it does not do what it says. **warning**: probably not what was meant. **info**: worth knowing.

| rule | severity | what it finds |
|---|---|---|
${rows.join('\n')}
`
}

function rulePage(rule: LintRule): string {
  const others = (rule.alsoFinds ?? []).map((id) => `[${id}](${id}.md)`)
  const beside = others.length > 0 ? `Also found in it: ${others.join(', ')}.\n\n` : ''
  return `${head(rule)}
## Bad

${yaml(rule.bad)}
${beside}## Good

${yaml(rule.good)}
## The cluster of both

${yaml(rule.cluster)}`
}

function head({ id, severity, title, why, fix }: RuleText): string {
  return `${mark}
# ${title}

\`${id}\` · ${severity} · [all rules](README.md)

${why}

**Fix:** ${fix}.
`
}

function yaml(text: string): string {
  return `\`\`\`yaml\n${text.trim()}\n\`\`\`\n`
}
