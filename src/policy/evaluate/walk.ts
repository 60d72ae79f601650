import type { Endpoint, Policy, Rule, TierPlan } from '../model/index.ts'
import { matchesRule } from './match.ts'
import type { Walk } from './question.ts'
import type { Decider, DirectionVerdict, Hit } from './verdict.ts'

/** Tier after tier, then the profiles: what Felix does for an endpoint, as a list of hits. */
export function walk(question: Walk): DirectionVerdict {
  const { model, endpoint, direction } = question
  const trace: Hit[] = []
  for (const plan of model.plan(endpoint, direction)) {
    const hit = walkTier(question, plan)
    if (!hit) continue
    trace.push({ ...hit, direction, index: trace.length })
    if (hit.action !== 'pass') return conclude(trace)
  }
  trace.push({ ...profileHit(endpoint), direction, index: trace.length })
  return conclude(trace)
}

type OpenHit = Omit<Hit, 'direction' | 'index'>

/** Null where the tier does not count: all of its policies are staged. */
function walkTier(question: Walk, { tier, policies, endOwner }: TierPlan): OpenHit | null {
  const { pending } = question
  const unmatched: Policy[] = []
  for (const policy of policies) {
    if (policy.staged && !pending) continue
    const rule = firstDeciding(policy.rules[question.direction]!, question)
    if (rule) return ruleHit(policy, rule)
    unmatched.push(policy)
  }
  const blamed = pending ? unmatched[0] : endOwner
  if (!blamed) return null
  return { ...endDecider(blamed), action: tier.endAction, ruleIndex: -1, staged: blamed.staged }
}

function firstDeciding(rules: Rule[], { packet, ends }: Walk): Rule | undefined {
  return rules.find((rule) => rule.action !== 'log' && matchesRule(rule, packet, ends))
}

function ruleHit(policy: Policy, rule: Rule): OpenHit {
  const { action, position } = rule
  const decider = ruleDecider(policy, rule)
  return { ...decider, action: action as OpenHit['action'], ruleIndex: position, staged: policy.staged }
}

export function ruleDecider({ ref }: Policy, { index }: Rule): Decider {
  return { ...ref, rule: index }
}

/** Of the end of a tier. */
export function endDecider({ ref }: Policy): Decider {
  return { ...ref, rule: null }
}

function profileHit(endpoint: Endpoint): OpenHit {
  return { ...profileDecider(endpoint), action: 'allow', ruleIndex: 0, staged: false }
}

/** A pod's first profile, its namespace's, allows everything. */
export function profileDecider({ profiles }: Endpoint): Decider {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'Profile',
    namespace: null,
    name: profiles[0]!,
    tier: '__PROFILE__',
    rule: 0,
  }
}

function conclude(trace: Hit[]): DirectionVerdict {
  const { apiVersion, kind, namespace, name, tier, rule, action } = trace.at(-1)!
  return {
    verdict: action === 'allow' ? 'allowed' : 'denied',
    decidedBy: { apiVersion, kind, namespace, name, tier, rule },
    trace,
  }
}
