import type { Direction, EndpointRules, PolicyChain, TierRules } from '../../policy/index.ts'
import { logStatement } from '../flow-record.ts'
import { count, guard } from './counted.ts'
import { interfaceName } from './interface-name.ts'
import { nftName } from './nft-name.ts'
import { pendingChainName, policyChainName } from './policy-chain.ts'
import {
  allMarks,
  clearMark,
  comment,
  hasMark,
  lacksMark,
  marks,
  type Rendering,
  setMark,
} from './rendering.ts'

/** Calico's name of an endpoint's chain: `fw` from the workload (its egress), `tw` to it (its ingress). */
export function endpointChainName(endpoint: string, direction: Direction): string {
  return nftName(`filter-cali-${direction === 'egress' ? 'fw' : 'tw'}-${interfaceName(endpoint)}`)
}

/** Where it is counted what would happen if staged policies were enforced. */
function pendingEndpointChainName(endpoint: string, direction: Direction): string {
  return nftName(`filter-cali-pending-${direction === 'egress' ? 'fw' : 'tw'}-${interfaceName(endpoint)}`)
}

/** What felix asks of a rule table's endpoint chain besides its own rules. */
export interface EndpointWalk {
  rules: EndpointRules
  direction: Direction
  chainOf: (id: string) => PolicyChain
}

/** Whether staged policies have a say on an endpoint: then what is pending is counted. */
function hasStaged({ rules, direction, chainOf }: EndpointWalk): boolean {
  return rules[direction].tiers.some(({ policies }) => policies.some((id) => chainOf(id).staged))
}

/**
 * Adds the walk of one endpoint in one direction: conntrack, then tier by tier, then profiles. Returns with the
 * accept mark set, or drops. Where staged policies govern it, a walk that only counts comes first.
 */
export function addEndpointChain(rendering: Rendering, walk: EndpointWalk): void {
  const { rules, direction } = walk
  const lines = [
    `ct state established,related accept ${comment('replies, and ICMP errors of a known flow')}`,
    `ct state invalid ${guard(rendering, direction, 'invalid')}`,
    clearMark(allMarks),
    ...(direction === 'egress' ? encapsulationGuards(rendering) : []),
    ...(hasStaged(walk) ? pendingLines(rendering, walk) : []),
    ...rules[direction].tiers.flatMap((tier) => tierLines(rendering, walk, tier)),
    ...profileLines(rendering, walk),
  ]
  rendering.chains.set(endpointChainName(rules.endpoint, direction), { lines })
}

function encapsulationGuards(rendering: Rendering): string[] {
  return [
    `udp dport 4789 ${guard(rendering, 'egress', 'vxlan')}`,
    `meta l4proto 4 ${guard(rendering, 'egress', 'ipip')}`,
  ]
}

function tierLines(
  rendering: Rendering,
  { rules, direction, chainOf }: EndpointWalk,
  tier: TierRules,
): string[] {
  const lines = [`${clearMark(marks.pass)} ${comment(`tier ${tier.name}`)}`]
  for (const id of tier.policies) {
    if (chainOf(id).staged) continue
    const jump = `jump ${policyChainName(id, direction)}`
    lines.push(`${lacksMark(marks.pass)} ${jump}`, `${hasMark(marks.accept)} return`)
  }
  const { endAction: action, endOwner: policy } = tier
  const counted = count(rendering, {
    kind: 'end-of-tier',
    direction,
    action,
    endpoint: rules.endpoint,
    tier: tier.name,
    policy,
  })
  const log =
    policy === null ? '' : `${logStatement(direction, { pending: false, action, rule: null, policy })} `
  const end =
    action === 'deny'
      ? `drop ${comment(`${policy ?? tier.name} end of tier`)}`
      : comment(`end of tier ${tier.name}: passed on`)
  return [...lines, `${lacksMark(marks.pass)} ${counted} ${log}${end}`]
}

const pendingDecided = marks.pendingAllow | marks.pendingDeny
const pendingSettled = pendingDecided | marks.pendingPass

/** Walks all policies in one order, staged ones as if they were enforced, and counts what would come of it. */
function pendingLines(rendering: Rendering, walk: EndpointWalk): string[] {
  const { rules, direction } = walk
  const name = pendingEndpointChainName(rules.endpoint, direction)
  const lines = rules[direction].tiers.flatMap((tier) => pendingTierLines(rendering, walk, tier))
  rendering.chains.set(name, { lines })
  const verdict = (action: 'allow' | 'deny') =>
    count(rendering, { kind: 'pending', direction, action, endpoint: rules.endpoint })
  const [policy = null] = rules[direction].profiles
  const byProfile = logStatement(direction, { pending: true, action: 'allow', rule: 0, policy })
  return [
    `jump ${name} ${comment('what would be, if staged policies were enforced')}`,
    `${hasMark(marks.pendingDeny)} ${verdict('deny')} ${comment('pending deny')}`,
    // What no tier has decided the profile allows.
    `${lacksMark(marks.pendingDeny)} ${verdict('allow')} ${comment('pending allow')}`,
    `${lacksMark(pendingDecided)} ${byProfile}`,
  ]
}

function pendingTierLines(
  rendering: Rendering,
  { rules, direction, chainOf }: EndpointWalk,
  { name: tier, policies, stagedEndAction: action }: TierRules,
): string[] {
  const jumps = policies.map((id) => `${lacksMark(pendingSettled)} jump ${pendingChainName(chainOf(id))}`)
  const counted = count(rendering, {
    kind: 'pending-end-of-tier',
    direction,
    action,
    endpoint: rules.endpoint,
    tier,
    policy: policies[0] ?? null,
  })
  const log = logStatement(direction, { pending: true, action, rule: null, policy: policies[0] ?? null })
  const end = [counted, log, ...(action === 'deny' ? [setMark(marks.pendingDeny)] : [])].join(' ')
  return [
    `${clearMark(marks.pendingPass)} ${comment(`tier ${tier}`)}`,
    ...jumps,
    `${lacksMark(pendingSettled)} ${end} ${comment(`${policies[0]} end of tier, pending ${action}`)}`,
  ]
}

function profileLines(rendering: Rendering, { rules, direction }: EndpointWalk): string[] {
  const common = { kind: 'profile', direction, endpoint: rules.endpoint } as const
  const profileLog = (action: 'allow' | 'deny', policy: string | null) =>
    logStatement(direction, { pending: false, action, rule: policy === null ? null : 0, policy })
  const lines = rules[direction].profiles.flatMap((policy) => {
    const counted = count(rendering, { ...common, policy, action: 'allow' })
    return [
      `jump ${policyChainName(policy, direction)}`,
      `${hasMark(marks.accept)} ${counted} ${profileLog('allow', policy)} return ${comment(`${policy} allows`)}`,
    ]
  })
  const none = count(rendering, { ...common, action: 'deny' })
  return [...lines, `${none} ${profileLog('deny', null)} drop ${comment('no profile allows')}`]
}
