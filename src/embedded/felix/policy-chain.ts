import type { Direction, LoweredRule, PolicyChain } from '../../policy/index.ts'
import { logStatement } from '../flow-record.ts'
import { count } from './counted.ts'
import type { CounterKind } from './counter-name.ts'
import { matchLines } from './match.ts'
import { nftName } from './nft-name.ts'
import { comment, marks, type Rendering, setMark } from './rendering.ts'
import type { Sets } from './sets.ts'

/** Calico's name of a policy's chain (`pi`, `po`: policy inbound, outbound) or a profile's (`pri`, `pro`). */
export function policyChainName(id: string, direction: Direction): string {
  const way = direction === 'ingress' ? 'i' : 'o'
  if (isProfile(id)) return nftName(`filter-cali-pr${way}-${id.slice('pro/'.length)}`)
  return nftName(`filter-cali-p${way}-${id}`)
}

export function isProfile(id: string): boolean {
  return id.startsWith('pro/')
}

/** Where a policy is asked what it would decide; a staged one is never asked anything else. */
export function pendingChainName({ id, direction, staged }: PolicyChain): string {
  if (staged) return policyChainName(id, direction)
  return nftName(`filter-cali-pending-${direction === 'ingress' ? 'i' : 'o'}-${id}`)
}

/** Adds one policy's chain. It sets the accept or pass mark and returns, drops, or returns undecided. */
export function addPolicyChain(rendering: Rendering, chain: PolicyChain, sets: Sets): void {
  const lines = chain.rules.flatMap((rule) => ruleLines(rendering, chain, { rule, sets, pending: false }))
  rendering.chains.set(policyChainName(chain.id, chain.direction), { lines })
}

/** Adds the chain that counts and marks what the policy would decide, and always returns. */
export function addPendingChain(rendering: Rendering, chain: PolicyChain, sets: Sets): void {
  const lines = chain.rules.flatMap((rule) => ruleLines(rendering, chain, { rule, sets, pending: true }))
  if (chain.staged) {
    const unmatched = count(rendering, { kind: 'staged', ...blame(chain), action: 'none' })
    lines.push(`${unmatched} ${comment(`${chain.id} staged: no rule matched`)}`)
  }
  rendering.chains.set(pendingChainName(chain), { lines })
}

interface RuleContext {
  rule: LoweredRule
  sets: Sets
  /** Asked what would be, not what is. */
  pending: boolean
}

function ruleLines(rendering: Rendering, chain: PolicyChain, { rule, sets, pending }: RuleContext): string[] {
  // A staged policy's Log rule is counted for those who look; an enforced one's counts where it logs.
  if (pending && !chain.staged && rule.action === 'log') return []
  const matches = matchLines(rule.match, sets)
  if (matches.length === 0) return []
  const kind = chain.staged ? 'staged' : pending ? 'pending-rule' : 'rule'
  const parts = [
    ...counting(rendering, chain, { rule, kind }),
    ...logging(chain, { rule, pending }),
    ...(pending ? pendingVerdict(rule) : verdict(rule)),
  ]
  const words = chain.staged ? 'staged ' : pending ? 'pending ' : ''
  const text = comment(`${chain.id} ${chain.direction} rule ${rule.index} ${words}${rule.action}`)
  return matches.map((match) => [match, ...parts, text].filter(Boolean).join(' '))
}

/** What a profile allows is counted, and told, per endpoint, in the endpoint's chain. */
function counting(
  rendering: Rendering,
  chain: PolicyChain,
  { rule, kind }: { rule: LoweredRule; kind: CounterKind },
): string[] {
  if (isProfile(chain.id) && rule.action !== 'deny') return []
  return [count(rendering, { kind, ...blame(chain), rule: rule.index, action: rule.action })]
}

/** Where a packet that belongs to no connection yet is decided, there it is told. */
function logging(chain: PolicyChain, { rule, pending }: Pick<RuleContext, 'rule' | 'pending'>): string[] {
  const { action, index } = rule
  if (action === 'log' || (isProfile(chain.id) && action !== 'deny')) return []
  return [logStatement(chain.direction, { pending, action, rule: index, policy: chain.id })]
}

const pendingMarks = { allow: marks.pendingAllow, deny: marks.pendingDeny, pass: marks.pendingPass }

function pendingVerdict({ action }: LoweredRule): string[] {
  return action === 'log' ? [] : [setMark(pendingMarks[action]), 'return']
}

function verdict({ action }: LoweredRule): string[] {
  if (action === 'log') return ['log prefix "calico-packet: "']
  if (action === 'deny') return ['drop']
  return [setMark(action === 'pass' ? marks.pass : marks.accept), 'return']
}

function blame(chain: PolicyChain): { policy: string; direction: Direction } {
  return { policy: chain.id, direction: chain.direction }
}
