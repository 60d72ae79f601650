import { type Criterion, type DirectionVerdict, unmetCriteria, type Walk } from './evaluate/index.ts'
import {
  cidrTexts,
  describePolicy,
  labelNames,
  type Policy,
  type PolicyRef,
  type Rule,
  type TierPlan,
} from './model/index.ts'
import { protocolText } from './protocol.ts'
import { portTexts } from './rule-text.ts'
import { compileSelector, type Selector, selectorText } from './selector.ts'

/** An Allow rule that was asked and did not match. */
export interface NearestMiss {
  policy: PolicyRef
  /** Index in the YAML list. */
  rule: number
  /** What would have to be otherwise, each as the end of a sentence that begins "if". */
  conditions: string[]
  /** The whole sentence. */
  text: string
}

/** Of the Allow rules that were asked before the denial, the one with the fewest criteria unmet; first of equals. */
export function nearestMiss(
  question: Walk,
  verdict: DirectionVerdict,
  asked: TierPlan[],
): NearestMiss | null {
  let best: { policy: Policy; rule: Rule; unmet: Criterion[] } | undefined
  for (const { policy, rule } of rulesAsked(question, verdict, asked)) {
    if (rule.action !== 'allow' || matchesNothing(rule)) continue
    const unmet = unmetCriteria(rule, question.packet, question.ends)
    if (!best || unmet.length < best.unmet.length) best = { policy, rule, unmet }
  }
  if (!best) return null
  const { policy, rule, unmet } = best
  const conditions = unmet.map((criterion) => condition(criterion, rule, question))
  const text = `rule ${rule.index} of ${describePolicy(policy.ref)} would allow it if ${conditions.join(', and ')}`
  return { policy: policy.ref, rule: rule.index, conditions, text }
}

/** The one contradiction that the API lets a rule have in itself: no packet is of a protocol and not of it. */
function matchesNothing({ protocol, notProtocol }: Rule): boolean {
  return protocol !== undefined && protocol === notProtocol
}

/** Enforced rules in order, up to the one that denied. */
function* rulesAsked(
  { direction }: Walk,
  { decidedBy }: DirectionVerdict,
  asked: TierPlan[],
): Generator<{ policy: Policy; rule: Rule }> {
  for (const { policies } of asked)
    for (const policy of policies) {
      if (policy.staged) continue
      const { ref } = policy
      const same =
        ref.kind === decidedBy.kind && ref.name === decidedBy.name && ref.namespace === decidedBy.namespace
      for (const rule of policy.rules[direction]!) {
        if (same && ref.apiVersion === decidedBy.apiVersion && rule.index === decidedBy.rule) return
        yield { policy, rule }
      }
    }
}

function condition({ name, side }: Criterion, rule: Rule, { ends }: Walk): string {
  if (side === null) return packetCondition(name, rule)
  const peer = rule[side]
  const { selector, notSelector, service } = rule.draft[side]
  switch (name) {
    case 'groups':
      return service
        ? `the ${side} were behind Service ${service.name}`
        : selectorCondition(side, selector!, ends[side])
    case 'notGroups':
      return `the ${side} were not selected by ${selectorText(notSelector!)}`
    case 'nets':
      return `the ${side} were in ${cidrTexts(peer.nets).join(' or ')}`
    case 'notNets':
      return `the ${side} were not in ${cidrTexts(peer.notNets).join(' or ')}`
    case 'ports':
      return `the ${side} port were ${portTexts(peer.ports, peer.portGroups).join(' or ')}`
    default:
      return `the ${side} port were not ${portTexts(peer.notPorts, peer.notPortGroups).join(' or ')}`
  }
}

function packetCondition(name: Criterion['name'], { versions, protocol, notProtocol }: Rule): string {
  // Validation refuses a rule that leaves no family.
  if (name === 'family') return `the flow were IPv${versions[0]}`
  if (name === 'protocol') return `the protocol were ${protocolText(protocol!)}`
  if (name === 'notProtocol') return `the protocol were not ${protocolText(notProtocol!)}`
  return 'the ICMP type and code were those of the rule'
}

/** Only the parts of the selector that fail, the most common one in plain words. */
function selectorCondition(side: string, selector: Selector, { endpoints }: Walk['ends']['source']): string {
  const labels = endpoints[0]?.labelClass.labels
  if (!labels) return `the ${side} were an endpoint or network set selected by ${selectorText(selector)}`
  const parts = selector.op === 'and' ? selector.operands.flatMap(conjuncts) : [selector]
  const failing = parts.filter((part) => !compileSelector(part)(labels))
  const texts = failing.map((part) =>
    part.op === '==' && part.label === labelNames.namespace
      ? `were in namespace ${part.value}, the only one that the rule looks at`
      : `had labels ${selectorText(part)}`,
  )
  return `the ${side} ${texts.join(' and ')}`
}

function conjuncts(selector: Selector): Selector[] {
  return selector.op === 'and' ? selector.operands.flatMap(conjuncts) : [selector]
}
