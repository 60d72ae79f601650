import type { Policy, Rule } from '../model/index.ts'
import type { Direction } from '../rules.ts'
import type { Path } from './finding.ts'
import type { LintContext, LintedPolicy } from './lint-context.ts'

/** A rule of the model and where it was written. */
export interface RuleSite {
  linted: LintedPolicy
  policy: Policy
  direction: Direction
  rule: Rule
  /** `spec.ingress[0]` */
  path: Path
  /** The other end of the traffic: `spec.ingress[0].from[1]`, `spec.egress[0].destination`. */
  peerPath: Path
  /** Which end the other one is. */
  far: 'source' | 'destination'
}

export const directions: readonly Direction[] = ['ingress', 'egress']

/** Every rule of the model, with staged policies only where asked for. */
export function* ruleSites(context: LintContext, { staged = true } = {}): Generator<RuleSite> {
  for (const policy of context.inOrder) {
    const linted = context.linted(policy)
    if (!linted || (policy.staged && !staged)) continue
    for (const direction of directions)
      for (const rule of policy.rules[direction] ?? []) yield siteOf(linted, policy, direction, rule)
  }
}

export function siteOf(linted: LintedPolicy, policy: Policy, direction: Direction, rule: Rule): RuleSite {
  const path: Path = ['spec', direction, rule.index]
  const far = direction === 'ingress' ? 'source' : 'destination'
  return { linted, policy, direction, rule, path, peerPath: peerPathOf(linted, policy, rule, path), far }
}

/** One finding for what is one rule or peer in the YAML, however many rules it becomes. */
export function oncePerPath(sites: Iterable<RuleSite>): RuleSite[] {
  const seen = new Map<string, RuleSite>()
  for (const site of sites) {
    const key = `${site.policy.id} ${site.peerPath.join('.')}`
    if (!seen.has(key)) seen.set(key, site)
  }
  return [...seen.values()]
}

/** Kubernetes' kinds list peers, and each becomes a rule of its own: protocol by protocol, peer by peer. */
function peerPathOf({ admitted }: LintedPolicy, policy: Policy, rule: Rule, path: Path): Path {
  const direction = path[1] as Direction
  const listName = direction === 'ingress' ? 'from' : 'to'
  if (admitted.apiVersion.startsWith('projectcalico.org/') && !admitted.kind.includes('Kubernetes'))
    return [...path, direction === 'ingress' ? 'source' : 'destination']
  const peers: unknown[] = admitted.spec[direction][rule.index][listName] ?? []
  if (peers.length === 0) return path
  const first = policy.rules[direction]!.find(({ index }) => index === rule.index)!
  return [...path, listName, (rule.position - first.position) % peers.length]
}
