import type { Direction, RuleAction } from '../../policy/index.ts'
import { nftName } from './nft-name.ts'

/**
 * What it means that a counter of felix has moved. Every packet that felix drops moves exactly one counter whose
 * action is `deny` and whose kind decides: that of the rule that dropped it.
 */
export interface CounterMeaning {
  kind: CounterKind
  direction: Direction
  action: RuleAction | 'none'
  /** `namespace/pod` whose packets are counted, or a HostEndpoint by name; null for a policy's rule, which all its endpoints share. */
  endpoint: string | null
  /**
   * `np/ns/name`, `gnp/name`, …: the policy whose rule it is, or that is blamed for the end of its tier (null in what
   * `readCounterName` returns); `pro/kns.ns`: the profile. Null for guards.
   */
  policy: string | null
  /** Index of the rule as its author counts it. */
  rule: number | null
  /** Of an end of tier. */
  tier: string | null
  /** Of a guard: `unknown-interface`, `invalid`, `vxlan`, `ipip`, `spoofed`, `host`. */
  guard: string | null
}

/**
 * - `rule`: a policy's or profile's rule;
 * - `staged`: a staged policy's rule, which only counts; action `none` counts what no rule of it matched;
 * - `pending-rule`: an enforced policy's rule, asked among staged ones as if these were enforced too;
 * - `pending-end-of-tier`: the tier's default action in that case;
 * - `pending`: what would come of it for the endpoint, `allow` or `deny`;
 * - `end-of-tier`: the tier's default action, since no policy of it decided;
 * - `profile`: a profile allowed, or (policy null) none did;
 * - `guard`: what felix drops or lets pass before policies are asked.
 */
export type CounterKind =
  | 'rule'
  | 'staged'
  | 'end-of-tier'
  | 'pending-rule'
  | 'pending-end-of-tier'
  | 'pending'
  | 'profile'
  | 'guard'

/** A meaning as it is written down: what is left out is null. */
export type CounterFields = Pick<CounterMeaning, 'kind' | 'direction' | 'action'> & Partial<CounterMeaning>

export function counterMeaning(fields: CounterFields): CounterMeaning {
  return { endpoint: null, policy: null, rule: null, tier: null, guard: null, ...fields }
}

/**
 * A counter's name in nftables: `np/shop/web/ingress/0/allow`, `pod/shop/db/ingress/tier/default/deny`,
 * `pod/shop/db/egress/profile/kns.shop/allow`, `pod/shop/db/egress/no-profile/deny`, `guard/egress/invalid/deny`,
 * `pending/np/shop/web/ingress/0/allow`, `pod/shop/db/ingress/pending/deny`.
 */
export function counterName(fields: CounterFields): string {
  return nftName(nameParts(counterMeaning(fields)).join('/'))
}

/** What a counter's name stands for; undefined where it is not felix's, or so long that it was cut. */
export function readCounterName(name: string): CounterMeaning | undefined {
  const parts = name.split('/')
  if (parts[0] === 'pod') return readEndpointCounter(`${parts[1]}/${parts[2]}`, parts.slice(3))
  if (parts[0] === 'hep') return readEndpointCounter(parts[1]!, parts.slice(2))
  if (parts[0] === 'guard') return readGuard(parts)
  if (parts[0] === 'pending') return readPending(parts.slice(1).join('/'))
  const at = parts.findIndex((part, index) => index > 1 && isDirection(part) && index === parts.length - 3)
  if (at === -1) return undefined
  const [direction, rule, action] = parts.slice(at) as [Direction, string, CounterMeaning['action']]
  return counterMeaning({
    kind: isStaged(parts[0]!) ? 'staged' : 'rule',
    direction,
    action,
    policy: parts.slice(0, at).join('/'),
    rule: rule === 'none' ? null : Number(rule),
  })
}

/** Whether a policy's short kind is that of a staged policy: `snp`, `sgnp`, `sknp`. */
function isStaged(kind: string): boolean {
  return ['snp', 'sgnp', 'sknp'].includes(kind)
}

function nameParts(meaning: CounterMeaning): (string | number)[] {
  const { kind, direction, action, endpoint, policy, rule, tier, guard } = meaning
  if (kind === 'guard') return ['guard', direction, guard!, action]
  const of = [endpoint?.includes('/') ? 'pod' : 'hep', endpoint!, direction]
  if (kind === 'end-of-tier') return [...of, 'tier', tier!, action]
  if (kind === 'pending-end-of-tier') return [...of, 'pending-tier', tier!, action]
  if (kind === 'pending') return [...of, 'pending', action]
  if (kind === 'pending-rule') return ['pending', policy!, direction, rule!, action]
  if (kind !== 'profile') return [policy!, direction, rule ?? 'none', action]
  const profile = policy === null ? ['no-profile'] : ['profile', policy.replace(/^pro\//, '')]
  return [...of, ...profile, action]
}

function readEndpointCounter(endpoint: string, parts: string[]): CounterMeaning | undefined {
  const [direction, what, ...rest] = parts
  if (!isDirection(direction) || rest.length === 0) return undefined
  const action = rest.at(-1) as CounterMeaning['action']
  const common = { direction, action, endpoint }
  if (what === 'tier') return counterMeaning({ kind: 'end-of-tier', ...common, tier: rest[0] })
  if (what === 'pending-tier')
    return counterMeaning({ kind: 'pending-end-of-tier', ...common, tier: rest[0] })
  if (what === 'pending') return counterMeaning({ kind: 'pending', ...common })
  if (what === 'profile') return counterMeaning({ kind: 'profile', ...common, policy: `pro/${rest[0]}` })
  return what === 'no-profile' ? counterMeaning({ kind: 'profile', ...common }) : undefined
}

function readPending(rest: string): CounterMeaning | undefined {
  const meaning = readCounterName(rest)
  return meaning?.kind === 'rule' ? { ...meaning, kind: 'pending-rule' } : undefined
}

function readGuard(parts: string[]): CounterMeaning | undefined {
  const [, direction, guard, action] = parts
  if (!isDirection(direction) || !guard || !action) return undefined
  return counterMeaning({ kind: 'guard', direction, guard, action: action as CounterMeaning['action'] })
}

function isDirection(text: string | undefined): text is Direction {
  return text === 'ingress' || text === 'egress'
}
