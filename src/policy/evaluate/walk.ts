import type { Endpoint, Policy, Rule, TierPlan } from '../model/index.ts'
import { protocolText } from '../protocol.ts'
import type { PodWalk, Walk } from './gate.ts'
import { matchesRule } from './match.ts'
import type { Decider, DirectionVerdict, Hit } from './verdict.ts'

/**
 * Tier after tier, then the profiles: what Felix does for an endpoint, as a list of hits. Null where a HostEndpoint
 * says nothing: what its forward, untracked and pre-DNAT policies do not decide goes on.
 */
export function walk(question: Walk): DirectionVerdict | null {
  const { endpoint, stage, direction } = question
  if (stage !== 'pod' && stage !== 'forward' && isFailsafe(question))
    return stage === 'normal' ? failsafe(question) : null
  const trace: Hit[] = []
  for (const plan of plansOf(question)) {
    const hit = walkTier(question, plan)
    if (!hit) continue
    trace.push({ ...hit, direction, index: trace.length })
    if (hit.action !== 'pass') return conclude(question, trace)
  }
  if (stage !== 'pod' && stage !== 'normal') return null
  const last = stage === 'pod' ? profileHit(endpoint) : hostProfileHit(question)
  trace.push({ ...last, direction, index: trace.length })
  return conclude(question, trace)
}

/** What a pod's own policies say. */
export function walkPod(question: PodWalk): DirectionVerdict {
  return walk(question)!
}

/** The tiers that an endpoint is asked, in order. */
export function plansOf({ model, endpoint, stage, direction }: Walk): TierPlan[] {
  return stage === 'pod' ? model.plan(endpoint, direction) : model.hosts.plan(endpoint, stage, direction)
}

function isFailsafe({ model, direction, packet, ends }: Walk): boolean {
  const peer = (direction === 'ingress' ? ends.source : ends.destination).address
  return model.hosts.failsafe.covers(direction, { ...packet, peer })
}

function failsafe({ endpoint, stage, direction, packet }: Walk): DirectionVerdict {
  const name = `${protocolText(packet.protocol)}/${packet.port}`
  const decidedBy = { apiVersion: '', kind: 'Failsafe', namespace: null, name, tier: '', rule: null }
  return { verdict: 'allowed', endpoint: endpoint.id, stage, direction, decidedBy, trace: [] }
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

function hostProfileHit({ model, endpoint }: Walk): OpenHit {
  const { allows, name } = model.hosts.profile(endpoint)
  const decider = profileDecider(endpoint)
  const common = { ruleIndex: 0, staged: false }
  if (allows) return { ...decider, name: name!, action: 'allow', ...common }
  return { ...decider, kind: 'HostEndpoint', name: endpoint.id, rule: null, action: 'deny', ...common }
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

function conclude({ endpoint, stage }: Walk, trace: Hit[]): DirectionVerdict {
  const { apiVersion, kind, namespace, name, tier, rule, action, direction } = trace.at(-1)!
  return {
    verdict: action === 'allow' ? 'allowed' : 'denied',
    endpoint: endpoint.id,
    stage,
    direction,
    decidedBy: { apiVersion, kind, namespace, name, tier, rule },
    trace,
  }
}
