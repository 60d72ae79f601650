import type { KubernetesObject } from '../../kubernetes-object.ts'
import { answer, type DirectionVerdict, type Hit, type Question, unmetCriteria } from '../evaluate/index.ts'
import { buildModel, type Endpoint, type Model, type Policy, type Rule } from '../model/index.ts'
import type { Direction } from '../rules.ts'
import { questionOn } from './ask.ts'
import { hypotheticalPods } from './hypothetical-pods.ts'
import type { LintContext } from './lint-context.ts'
import { directions } from './rule-site.ts'
import { SampleFlows } from './sample-flows.ts'

/** A rule that could be taken out without a difference. */
export interface SuperfluousRule {
  policy: Policy
  direction: Direction
  /** Index in the YAML. */
  index: number
  /** Who decides its traffic instead. */
  deciders: Policy[]
  /** Some of its traffic is decided the other way before it is asked. */
  contradicted: boolean
  /** It is never the one that decides; otherwise others would decide the same without it. */
  neverDecides: boolean
  /** "Deny all the rest", which says aloud what the end of the tier does. */
  catchAllDeny: boolean
}

export interface SuperfluousPolicy {
  policy: Policy
  /** What says the same. */
  covered: Policy[]
}

export interface Coverage {
  /** Why nothing was looked for; null where everything was. */
  skipped: string | null
  rules: SuperfluousRule[]
  policies: SuperfluousPolicy[]
}

const found = new WeakMap<LintContext, Coverage>()

/**
 * What of the whole set has no effect, found by asking the model with it and without it. The questions are put for the
 * pods given **and** for pods that do not exist: for each selector of the set the pods that it could barely mean. So a
 * rule is not called superfluous because nobody of today needs it.
 *
 * The last in evaluation order goes first, and what was found is left out of the questions that follow: all that is
 * named can be removed together.
 */
export function coverage(context: LintContext): Coverage {
  const known = found.get(context)
  if (known) return known
  const pods = hypotheticalPods(context)
  const result = pods ? new Search(context, pods).run() : { rules: [], policies: [], skipped: tooMany }
  found.set(context, result)
  return result
}

/** Why coverage was not looked for, if anybody asked for it. */
export function coverageSkipped(context: LintContext): string | null {
  return found.get(context)?.skipped ?? null
}

/** A rule that takes more questions is called needed: nothing is claimed that was not looked at. */
const mostQuestions = { ofOne: 100_000, ofAll: 2_000_000 }

const tooMany = 'redundant and shadowed rules were not looked for: the selectors are too many to be combined'

class Search {
  private readonly model: Model
  private readonly policies: Policy[]
  private readonly flows: SampleFlows
  private asked = 0
  private readonly removed = new Set<Rule>()
  private readonly gone = new Set<Policy>()
  private readonly reduced: Model

  constructor(context: LintContext, imagined: KubernetesObject[]) {
    this.model = buildModel([...context.cluster.objects, ...imagined])
    this.policies = this.model.tiers.flatMap(({ policies }) => policies).filter(({ staged }) => !staged)
    this.flows = new SampleFlows(this.model)
    this.reduced = { ...this.model, plan: (endpoint, direction) => this.reducedPlan(endpoint, direction) }
  }

  run(): Coverage {
    const rules: SuperfluousRule[] = []
    const policies: SuperfluousPolicy[] = []
    for (const policy of [...this.policies].reverse()) {
      const own = this.superfluousRules(policy)
      const covered = this.coverOf(policy, own)
      if (covered) {
        this.gone.add(policy)
        policies.push({ policy, covered })
      } else rules.push(...own)
    }
    return {
      rules: rules.reverse(),
      policies: policies.reverse(),
      skipped: this.asked > mostQuestions.ofAll ? tooMany : null,
    }
  }

  private superfluousRules(policy: Policy): SuperfluousRule[] {
    return directions.flatMap((direction) => {
      const indexes = [...new Set((policy.rules[direction] ?? []).map(({ index }) => index))].reverse()
      return indexes.flatMap((index) => this.superfluous(policy, direction, index) ?? []).reverse()
    })
  }

  /** Takes the rule out; puts it back where that makes a difference. */
  private superfluous(policy: Policy, direction: Direction, index: number): SuperfluousRule | null {
    const rules = policy.rules[direction]!.filter((rule) => rule.index === index)
    if (rules.every(({ action }) => action === 'log') || this.governsHosts(policy)) return null
    const deciders = new Set<Policy>()
    let contradicted = false
    let neverDecides = true
    let asked = 0
    for (const { rule, question } of this.questions(policy, direction, rules)) {
      if (++this.asked > mostQuestions.ofAll || ++asked > mostQuestions.ofOne) return null
      if (!question) continue
      const withIt = side(this.reduced, question, direction)
      const decides = withIt.trace.some((hit) => isOf(hit, policy) && hit.rule === index)
      if (decides) {
        neverDecides = false
        for (const one of rules) this.removed.add(one)
        const without = side(this.reduced, question, direction)
        for (const one of rules) this.removed.delete(one)
        if (withIt.verdict !== without.verdict) return null
        this.addDecider(deciders, without)
      } else {
        const expected = rule.action === 'allow' ? 'allowed' : 'denied'
        if (rule.action !== 'pass' && withIt.verdict !== expected) contradicted = true
        this.addDecider(deciders, withIt)
      }
    }
    // A rule whose peers cannot be imagined (a Service, an unknown set) is left alone.
    if (asked === 0 || deciders.size === 0) return null
    for (const one of rules) this.removed.add(one)
    const catchAllDeny = rules.every(({ action, draft }) => action === 'deny' && isUnrestricted(draft))
    return { policy, direction, index, deciders: [...deciders], contradicted, neverDecides, catchAllDeny }
  }

  private addDecider(deciders: Set<Policy>, { trace }: DirectionVerdict): void {
    const last = trace.at(-1)!
    const decider = this.policies.find((policy) => isOf(last, policy))
    if (decider) deciders.add(decider)
  }

  /** What isolates the policy's pods besides it, if none of its rules is needed; null where the policy is needed. */
  private coverOf(policy: Policy, superfluous: SuperfluousRule[]): Policy[] | null {
    const count = directions.reduce(
      (sum, direction) => sum + new Set(policy.rules[direction]?.map(({ index }) => index)).size,
      0,
    )
    if (superfluous.length < count || this.governsHosts(policy)) return null
    const covered = new Set(superfluous.flatMap(({ deciders }) => deciders).filter((one) => one !== policy))
    const subjects = this.flows.pods.filter(({ labelClass }) => policy.selects(labelClass.labels))
    if (subjects.length === 0) return null
    for (const direction of directions) {
      if (policy.rules[direction] === null) continue
      for (const subject of subjects) {
        const plan = this.model.plan(subject, direction).find(({ policies }) => policies.includes(policy))
        if (!plan) continue
        const others = plan.policies.filter((one) => one !== policy && !one.staged && !this.gone.has(one))
        if (others.length === 0 && plan.tier.endAction === 'deny') return null
        if (others[0]) covered.add(others[0])
      }
    }
    return covered.size > 0 ? [...covered] : null
  }

  /** What a policy does to host endpoints is not modelled, so it may be needed for them. */
  private governsHosts(policy: Policy): boolean {
    return this.model.catalog.endpoints.some(
      ({ kind, labelClass }) => kind === 'host-endpoint' && policy.selects(labelClass.labels),
    )
  }

  private reducedPlan(endpoint: Endpoint, direction: Direction) {
    return this.model.plan(endpoint, direction).flatMap((plan) => {
      const kept = plan.policies.filter((policy) => !this.gone.has(policy))
      if (kept.length === 0) return []
      const policies = kept.map((policy) => this.without(policy, direction))
      const owner = kept.findLast(({ staged }) => !staged) ?? null
      return [
        { ...plan, policies, endOwner: owner, endAction: owner ? plan.tier.endAction : ('pass' as const) },
      ]
    })
  }

  /** The policy itself while none of its rules is out, so that identity holds. */
  private without(policy: Policy, direction: Direction): Policy {
    const rules = policy.rules[direction]!
    if (this.removed.size === 0 || !rules.some((rule) => this.removed.has(rule))) return policy
    return {
      ...policy,
      rules: { ...policy.rules, [direction]: rules.filter((rule) => !this.removed.has(rule)) },
    }
  }

  /** One endpoint asked about each packet that one of the rules matches; null for a packet that it does not match. */
  private *questions(policy: Policy, direction: Direction, rules: Rule[]) {
    for (const rule of rules)
      for (const { flow, packets } of this.flows.of(policy, direction, rule)) {
        const question = questionOn(this.model, flow)
        const asked = question?.[direction]
        if (!asked) continue
        for (const packet of packets) {
          const matches = unmetCriteria(rule, packet, asked.ends).length === 0
          yield {
            rule,
            question: matches ? { ...question, guarded: null, [direction]: { ...asked, packet } } : null,
          }
        }
      }
  }
}

/** What one end says, the other end left aside. */
function side(model: Model, question: Question, direction: Direction): DirectionVerdict {
  const walk = { ...question[direction]!, model }
  return answer(model, { ...question, egress: null, ingress: null, [direction]: walk })[direction]!
}

function isOf(hit: Hit, { ref }: Policy): boolean {
  return (
    hit.kind === ref.kind &&
    hit.name === ref.name &&
    hit.namespace === ref.namespace &&
    hit.apiVersion === ref.apiVersion
  )
}

function isUnrestricted({ action: _, index: __, source, destination, ...rest }: Rule['draft']): boolean {
  return [rest, source, destination].every((part) =>
    Object.values(part).every((value) => value === undefined || (Array.isArray(value) && value.length === 0)),
  )
}
