import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type DirectionVerdict, type Hit, unmetCriteria, type Walk, walkPod } from '../evaluate/index.ts'
import { buildModel, type Model, type Policy, type Rule } from '../model/index.ts'
import type { Direction } from '../rules.ts'
import { podQuestion } from './ask.ts'
import { hypotheticalPods } from './hypothetical-pods.ts'
import type { LintContext } from './lint-context.ts'
import { reducedModel } from './reduced-model.ts'
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

/** Whether others decide its traffic before it is asked, and partly the other way. */
export function isShadowed({ neverDecides, contradicted }: SuperfluousRule): boolean {
  return neverDecides && contradicted
}

/** Whether it stays although it changes nothing. */
export function isCustomary(rule: SuperfluousRule): boolean {
  return rule.catchAllDeny && !isShadowed(rule)
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
const mostQuestions = { ofOne: 20_000, ofAll: 250_000 }

const tooMany = 'the set is too large to look for every redundant and shadowed rule'

const verdicts: Partial<Record<Rule['action'], 'allowed' | 'denied'>> = { allow: 'allowed', deny: 'denied' }

class Search {
  private readonly model: Model
  private readonly policies: Policy[]
  private readonly flows: SampleFlows
  private asked = 0
  private removed = new Set<Rule>()
  private readonly gone = new Set<Policy>()
  /** Without what was found so far. */
  private reduced: Model

  constructor(context: LintContext, imagined: KubernetesObject[]) {
    this.model = buildModel([...context.cluster.objects, ...imagined])
    this.policies = this.model.tiers.flatMap(({ policies }) => policies).filter(({ staged }) => !staged)
    this.flows = new SampleFlows(this.model)
    this.reduced = this.model
  }

  run(): Coverage {
    const rules: SuperfluousRule[] = []
    const policies: SuperfluousPolicy[] = []
    for (const policy of [...this.policies].reverse()) {
      const own = this.superfluousRules(policy, false)
      const covered = this.coverOf(policy, own)
      if (covered) {
        this.gone.add(policy)
        this.leave(this.removed)
        policies.push({ policy, covered })
      } else rules.push(...(own.some(isCustomary) ? this.withCustomary(policy) : own))
    }
    return {
      rules: rules.reverse(),
      policies: policies.reverse(),
      skipped: this.asked > mostQuestions.ofAll ? tooMany : null,
    }
  }

  /** What is superfluous in a policy that stays, with those of its rules that nobody is told to remove. */
  private withCustomary(policy: Policy): SuperfluousRule[] {
    const rules = new Set(directions.flatMap((direction) => policy.rules[direction] ?? []))
    this.leave([...this.removed].filter((rule) => !rules.has(rule)))
    return this.superfluousRules(policy, true)
  }

  /** From the last to the first. `keepsCustomary`: rules that nobody is told to remove stay, and count as needed. */
  private superfluousRules(policy: Policy, keepsCustomary: boolean): SuperfluousRule[] {
    return directions.flatMap((direction) => {
      const indexes = [...new Set((policy.rules[direction] ?? []).map(({ index }) => index))].reverse()
      return indexes
        .flatMap((index) => this.superfluous(policy, { direction, index, keepsCustomary }) ?? [])
        .reverse()
    })
  }

  /** These rules are left out of the questions that follow, and the policies that are gone. */
  private leave(rules: Iterable<Rule>): void {
    this.removed = new Set(rules)
    this.reduced = reducedModel(this.model, { rules: this.removed, policies: this.gone })
  }

  /** Takes the rule out; puts it back where that makes a difference. */
  private superfluous(
    policy: Policy,
    { direction, index, keepsCustomary }: { direction: Direction; index: number; keepsCustomary: boolean },
  ): SuperfluousRule | null {
    const rules = policy.rules[direction]!.filter((rule) => rule.index === index)
    if (rules.every(({ action }) => action === 'log') || this.governsHosts(policy)) return null
    const deciders = new Set<Policy>()
    let contradicted = false
    let neverDecides = true
    let asked = 0
    const without = reducedModel(this.model, {
      rules: new Set([...this.removed, ...rules]),
      policies: this.gone,
    })
    for (const one of this.questions(policy, direction, rules)) {
      if (++this.asked > mostQuestions.ofAll || ++asked > mostQuestions.ofOne) return null
      if (!one) continue
      const withIt = walkPod({ ...one.question, model: this.reduced })
      const decides = withIt.trace.some((hit) => isOf(hit, policy) && hit.rule === index)
      const instead = decides ? walkPod({ ...one.question, model: without }) : withIt
      if (withIt.verdict !== instead.verdict) return null
      if (decides) neverDecides = false
      else if (one.rule.action !== 'pass' && withIt.verdict !== verdicts[one.rule.action]) contradicted = true
      this.addDecider(deciders, instead)
    }
    // A rule whose peers cannot be imagined (a Service, an unknown set) is left alone.
    if (deciders.size === 0) return null
    const catchAllDeny = rules.every(({ action, draft }) => action === 'deny' && isUnrestricted(draft))
    const found = {
      policy,
      direction,
      index,
      deciders: [...deciders],
      contradicted,
      neverDecides,
      catchAllDeny,
    }
    if (keepsCustomary && isCustomary(found)) return null
    for (const one of rules) this.removed.add(one)
    this.reduced = without
    return found
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
    for (const direction of directions) {
      if (policy.rules[direction] === null) continue
      for (const subject of subjects) {
        const plan = this.model.plan(subject, direction).find(({ policies }) => policies.includes(policy))!
        const others = plan.policies.filter((one) => one !== policy && !one.staged && !this.gone.has(one))
        if (others.length === 0 && plan.tier.endAction === 'deny') return null
        if (others[0]) covered.add(others[0])
      }
    }
    return covered.size > 0 ? [...covered] : null
  }

  /** No flow to or from a host is tried, so a policy may be needed for host endpoints. */
  private governsHosts(policy: Policy): boolean {
    return this.model.catalog.endpoints.some(
      ({ kind, labelClass }) => kind === 'host-endpoint' && policy.selects(labelClass.labels),
    )
  }

  /** One endpoint asked about each packet that one of the rules may match; null for those that it does not. */
  private *questions(policy: Policy, direction: Direction, rules: Rule[]) {
    for (const rule of rules)
      for (const { flow, packets } of this.flows.of(policy, direction, rule)) {
        const asked = podQuestion(this.model, flow, direction)
        if (!asked || !endsFit(rule, asked)) {
          yield null
          continue
        }
        for (const packet of packets)
          yield unmetCriteria(rule, packet, asked.ends).length === 0
            ? { rule, question: { ...asked, packet } }
            : null
      }
  }
}

/** Criteria that another packet between the same ends may meet. */
const ofPacket: ReadonlySet<string> = new Set(['protocol', 'notProtocol', 'icmp', 'ports', 'notPorts'])

/** Whether the rule matches these two ends, whatever the packet. */
function endsFit(rule: Rule, { packet, ends }: Walk): boolean {
  return unmetCriteria(rule, packet, ends).every(({ name }) => ofPacket.has(name))
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
