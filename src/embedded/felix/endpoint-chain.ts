import type { Direction, EndpointRules, TierRules } from '../../policy/index.ts'
import { count, guard } from './counted.ts'
import { interfaceName } from './interface-name.ts'
import { nftName } from './nft-name.ts'
import { policyChainName } from './policy-chain.ts'
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

/** What felix asks of a rule table's endpoint chain besides its own rules. */
export interface EndpointWalk {
  rules: EndpointRules
  direction: Direction
  /** Whether a policy chain is staged. */
  isStaged: (id: string) => boolean
}

/**
 * Adds the walk of one endpoint in one direction: conntrack, then tier by tier, then profiles. Returns with the
 * accept mark set, or drops.
 */
export function addEndpointChain(rendering: Rendering, walk: EndpointWalk): void {
  const { rules, direction } = walk
  const lines = [
    `ct state established,related accept ${comment('replies, and ICMP errors of a known flow')}`,
    `ct state invalid ${guard(rendering, direction, 'invalid')}`,
    clearMark(allMarks),
    ...(direction === 'egress' ? encapsulationGuards(rendering) : []),
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
  { rules, direction, isStaged }: EndpointWalk,
  tier: TierRules,
): string[] {
  const lines = [`${clearMark(marks.pass | marks.stagedPass)} ${comment(`tier ${tier.name}`)}`]
  for (const id of tier.policies) {
    const jump = `jump ${policyChainName(id, direction)}`
    if (isStaged(id)) {
      lines.push(`${lacksMark(undecided)} ${jump}`)
    } else {
      lines.push(`${lacksMark(marks.pass)} ${jump}`, `${hasMark(marks.accept)} return`)
    }
  }
  if (tier.endOwner === null) lines.push(...stagedEnd(rendering, { rules, direction }, tier))
  const { endAction: action, endOwner: policy } = tier
  const counted = count(rendering, {
    kind: 'end-of-tier',
    direction,
    action,
    endpoint: rules.endpoint,
    tier: tier.name,
    policy,
  })
  const end =
    action === 'deny'
      ? `drop ${comment(`${policy ?? tier.name} end of tier`)}`
      : comment(`end of tier ${tier.name}: passed on`)
  return [...lines, `${lacksMark(marks.pass)} ${counted} ${end}`]
}

/** Marks that stand once the staged policies of a tier, or an enforced one, have spoken. */
const undecided = marks.pass | marks.stagedPass | marks.stagedDecided

/** Counts what the end of a tier whose policies are all staged would drop. */
function stagedEnd(
  rendering: Rendering,
  { rules, direction }: Pick<EndpointWalk, 'rules' | 'direction'>,
  { name, stagedEndAction, policies }: TierRules,
): string[] {
  if (stagedEndAction === 'pass') return []
  const counted = count(rendering, {
    kind: 'staged-end-of-tier',
    direction,
    action: 'deny',
    endpoint: rules.endpoint,
    tier: name,
    policy: policies[0] ?? null,
  })
  const text = comment(`${policies[0]} end of tier, staged deny`)
  return [`${lacksMark(undecided)} ${counted} ${setMark(marks.stagedDecided)} ${text}`]
}

function profileLines(rendering: Rendering, { rules, direction }: EndpointWalk): string[] {
  const common = { kind: 'profile', direction, endpoint: rules.endpoint } as const
  const lines = rules[direction].profiles.flatMap((policy) => {
    const counted = count(rendering, { ...common, policy, action: 'allow' })
    return [
      `jump ${policyChainName(policy, direction)}`,
      `${hasMark(marks.accept)} ${counted} return ${comment(`${policy} allows`)}`,
    ]
  })
  const none = count(rendering, { ...common, action: 'deny' })
  return [...lines, `${none} drop ${comment('no profile allows')}`]
}
