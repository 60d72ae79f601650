import type { Direction, LoweredRule, PolicyChain } from '../../policy/index.ts'
import { count } from './counted.ts'
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

/**
 * Adds one policy's chain. It sets the accept or pass mark and returns, drops, or returns undecided. A staged
 * policy's chain counts, marks what it would have decided, and always returns.
 */
export function addPolicyChain(rendering: Rendering, chain: PolicyChain, sets: Sets): void {
  const lines = chain.rules.flatMap((rule) => ruleLines(rendering, chain, { rule, sets }))
  if (chain.staged) {
    const unmatched = count(rendering, { kind: 'staged', ...blame(chain), action: 'none' })
    lines.push(`${unmatched} ${comment(`${chain.id} staged: no rule matched`)}`)
  }
  rendering.chains.set(policyChainName(chain.id, chain.direction), { lines })
}

function ruleLines(
  rendering: Rendering,
  chain: PolicyChain,
  { rule, sets }: { rule: LoweredRule; sets: Sets },
): string[] {
  const matches = matchLines(rule.match, sets)
  if (matches.length === 0) return []
  const parts = [...counting(rendering, chain, rule), ...verdict(chain, rule)]
  const staged = chain.staged ? 'staged ' : ''
  const text = comment(`${chain.id} ${chain.direction} rule ${rule.index} ${staged}${rule.action}`)
  return matches.map((match) => [match, ...parts, text].filter(Boolean).join(' '))
}

/** What a profile allows is counted per endpoint, in the endpoint's chain. */
function counting(rendering: Rendering, chain: PolicyChain, rule: LoweredRule): string[] {
  if (isProfile(chain.id) && rule.action !== 'deny') return []
  const kind = chain.staged ? 'staged' : 'rule'
  return [count(rendering, { kind, ...blame(chain), rule: rule.index, action: rule.action })]
}

function verdict(chain: PolicyChain, { action }: LoweredRule): string[] {
  if (action === 'log') return chain.staged ? [] : ['log prefix "calico-packet: "']
  if (chain.staged) return [setMark(action === 'pass' ? marks.stagedPass : marks.stagedDecided), 'return']
  if (action === 'deny') return ['drop']
  return [setMark(action === 'pass' ? marks.pass : marks.accept), 'return']
}

function blame(chain: PolicyChain): { policy: string; direction: Direction } {
  return { policy: chain.id, direction: chain.direction }
}
