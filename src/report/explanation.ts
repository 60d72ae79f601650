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

/** One of those who may answer behind a Service or a port of a node: a pod or an address, and its port. */
export interface ExplainedEndpoint {
  endpoint: string
  port: number
  explanation: Explanation
}

/** Why a flow passes or not, for people. */
export function explanationText(flow: ExplainedFlow, explanation: Explanation): string {
  const lines = [`${edgeOf(flow)}: ${explanation.verdict.verdict}`, ...explanationLines(explanation)]
  return `${lines.join('\n')}\n`
}

/** The same of an edge that is translated, for one endpoint of each verdict. */
export function endpointsText(flow: ExplainedFlow, endpoints: ExplainedEndpoint[]): string {
  const lines = alike(endpoints).flatMap(({ first, more }) => [
    `  to ${first.endpoint} ${flow.protocol}/${first.port}${more > 0 ? ` and ${more} more` : ''}: ${verdictOf([first])}`,
    ...explanationLines(first.explanation).map((line) => `  ${line}`),
  ])
  return `${[`${edgeOf(flow)}: ${verdictText(endpoints)}`, ...lines].join('\n')}\n`
}

export function endpointsMarkdown(flow: ExplainedFlow, endpoints: ExplainedEndpoint[]): string {
  return asMarkdown(endpointsText(flow, endpoints))
}

export function endpointsJson(flow: ExplainedFlow, endpoints: ExplainedEndpoint[]): string {
  return jsonDocument('Explanation', {
    ...flow,
    verdict: verdictOf(endpoints),
    endpoints: endpoints.map(({ endpoint, port, explanation }) => ({
      endpoint,
      port,
      ...explanationFields(explanation),
    })),
  })
}

export function explanationMarkdown(flow: ExplainedFlow, explanation: Explanation): string {
  return asMarkdown(explanationText(flow, explanation))
}

export function explanationJson(flow: ExplainedFlow, explanation: Explanation): string {
  return jsonDocument('Explanation', { ...flow, ...explanationFields(explanation) })
}

function explanationFields({ verdict, egress, ingress }: Explanation): object {
  const side = (decided: typeof verdict.egress, asked: SideExplanation | null) =>
    decided && {
      verdict: decided.verdict,
      stage: decided.stage,
      decidedBy: decided.decidedBy,
      trace: decided.trace,
      ...asked,
    }
  return {
    verdict: verdict.verdict,
    reason: verdict.reason,
    egress: side(verdict.egress, egress),
    ingress: side(verdict.ingress, ingress),
  }
}

/** `depends` where it is not the same for all. */
function verdictOf(endpoints: ExplainedEndpoint[]): 'allowed' | 'denied' | 'depends' {
  const verdicts = new Set(endpoints.map(({ explanation }) => explanation.verdict.verdict))
  return verdicts.size > 1 ? 'depends' : [...verdicts][0]!
}

function verdictText(endpoints: ExplainedEndpoint[]): string {
  const verdict = verdictOf(endpoints)
  return verdict === 'depends' ? 'depends on the endpoint that is picked' : verdict
}

function alike(endpoints: ExplainedEndpoint[]): { first: ExplainedEndpoint; more: number }[] {
  return (['allowed', 'denied'] as const).flatMap((verdict) => {
    const [first, ...others] = endpoints.filter((one) => one.explanation.verdict.verdict === verdict)
    return first ? [{ first, more: others.length }] : []
  })
}

function asMarkdown(text: string): string {
  const [title, ...lines] = text.trimEnd().split('\n')
  return `## ${title}\n\n\`\`\`\n${lines.join('\n')}\n\`\`\`\n`
}

function explanationLines({ verdict, egress, ingress }: Explanation): string[] {
  if (!egress && !ingress) return [`  ${verdict.reason}`]
  return [
    ...(egress ? sideLines(egress, verdict.egress!) : []),
    ...(ingress ? sideLines(ingress, verdict.ingress!) : []),
  ]
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
