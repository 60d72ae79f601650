import {
  type Finding,
  type LintReport,
  lintRules,
  pathText,
  type RuleText,
  suppressionRules,
} from '../policy/index.ts'

const levels = { error: 'error', warning: 'warning', info: 'note' } as const

/**
 * SARIF 2.1.0 (OASIS), as code scanning reads it: one run, every rule described, suppressed findings marked as such.
 */
export function lintSarif({ findings, suppressed, notes }: LintReport, version: string): string {
  const rules: RuleText[] = [...lintRules, ...Object.values(suppressionRules)]
  const indexes = new Map(rules.map(({ id }, index) => [id, index]))
  const result = (finding: Finding) => resultOf(finding, indexes.get(finding.rule)!)
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ztlab', semanticVersion: version, rules: rules.map(describeRule) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: notes.map((text) => ({ level: 'note', message: { text } })),
          },
        ],
        results: [
          ...findings.map(result),
          ...suppressed.map(({ finding, reason }) => ({
            ...result(finding),
            suppressions: [{ kind: 'inSource', justification: reason }],
          })),
        ],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function describeRule({ id, title, why, fix, severity }: RuleText) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why.replaceAll('\n', ' ') },
    help: { text: `${why.replaceAll('\n', ' ')}\n\nFix: ${fix}.`, markdown: `${why}\n\n**Fix:** ${fix}.` },
    defaultConfiguration: { level: levels[severity] },
  }
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { rule, severity, message, fix, path, object } = finding
  const name = `${object.kind} ${object.namespace ? `${object.namespace}/` : ''}${object.name}`
  const fullyQualifiedName = path.length > 0 ? `${name} ${pathText(path)}` : name
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: `${message} (fix: ${fix})` },
    locations: [{ ...physicalLocation(finding), logicalLocations: [{ fullyQualifiedName, kind: 'object' }] }],
    // What stays the same when lines above it change.
    partialFingerprints: { 'ztlabFinding/v1': `${rule} ${object.apiVersion} ${fullyQualifiedName}` },
  }
}

function physicalLocation({ file, line, col }: Finding) {
  if (file === undefined) return {}
  const uri = file.startsWith('/') ? `file://${encodeURI(file)}` : encodeURI(file)
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: col } } }
}
