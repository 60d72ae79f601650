import type { AskedPolicy, Explanation, SideExplanation } from '../policy/index.ts'
import { askedText, decisionText, describePolicy } from '../policy/index.ts'
import { jsonDocument } from './json-document.ts'

/** What was asked: the ends as the user named them. */
export interface ExplainedFlow {
  from: string
  to: string
  protocol: string
  port: number
}

/** Why a flow passes or not, for people. */
export function explanationText(flow: ExplainedFlow, explanation: Explanation): string {
  const { verdict, egress, ingress } = explanation
  const lines = [`${edgeOf(flow)}: ${verdict.verdict}`]
  if (!egress && !ingress) lines.push(`  ${verdict.reason}`)
  if (egress) lines.push(...sideLines(egress, verdict.egress!))
  if (ingress) lines.push(...sideLines(ingress, verdict.ingress!))
  return `${lines.join('\n')}\n`
}

export function explanationMarkdown(flow: ExplainedFlow, explanation: Explanation): string {
  const [, ...lines] = explanationText(flow, explanation).trimEnd().split('\n')
  return `## ${edgeOf(flow)}: ${explanation.verdict.verdict}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\`\n`
}

export function explanationJson(flow: ExplainedFlow, { verdict, egress, ingress }: Explanation): string {
  const side = (decided: typeof verdict.egress, asked: SideExplanation | null) =>
    decided && {
      verdict: decided.verdict,
      stage: decided.stage,
      decidedBy: decided.decidedBy,
      trace: decided.trace,
      ...asked,
    }
  return jsonDocument('Explanation', {
    ...flow,
    verdict: verdict.verdict,
    reason: verdict.reason,
    egress: side(verdict.egress, egress),
    ingress: side(verdict.ingress, ingress),
  })
}

function edgeOf({ from, to, protocol, port }: ExplainedFlow): string {
  return `${from} → ${to} ${protocol}/${port}`
}

function sideLines(
  { tiers, rule, nearestMiss }: SideExplanation,
  decided: NonNullable<Explanation['verdict']['egress']>,
): string[] {
  return [
    `  ${askedText(decided)}: ${decided.verdict}, ${decisionText(decided)}`,
    ...tiers.flatMap(({ name, policies }) => [`    tier ${name}`, ...policies.map(policyLine)]),
    ...(rule ? [`    the rule: ${rule}`] : []),
    ...(nearestMiss ? [`    nearest miss: ${nearestMiss.text}`] : []),
  ]
}

function policyLine(policy: AskedPolicy): string {
  const { staged, hit, subject } = policy
  const what = staged
    ? 'staged, not asked'
    : hit
      ? `rule ${hit.rule} matched: ${hit.action}`
      : 'no rule matched'
  return `      ${describePolicy(policy)}: ${what} (selects ${subject})`
}
