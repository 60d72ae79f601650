import { formatAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { answer, type DirectionVerdict, type Hit, questionOf, unmetCriteria } from '../evaluate/index.ts'
import {
  addressText,
  buildModel,
  type Endpoint,
  type LabelClass,
  type Model,
  type Policy,
  type Rule,
} from '../model/index.ts'
import { protocolNumbers } from '../protocol.ts'
import type { Direction } from '../rules.ts'
import { hypotheticalPods } from './hypothetical-pods.ts'
import type { LintContext } from './lint-context.ts'
import { directions } from './rule-site.ts'

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

/** Most questions about one rule. One that takes more is called needed: nothing is claimed that was not looked at. */
const mostQuestions = 20_000

const tooMany = 'redundant and shadowed rules were not looked for: the selectors are too many to be combined'

class Search {
  private readonly model: Model
  private readonly policies: Policy[]
  private readonly pods: Endpoint[]
  private readonly removed = new Set<Rule>()
  private readonly gone = new Set<Policy>()
  private readonly reduced: Model

  constructor(context: LintContext, imagined: KubernetesObject[]) {
    this.model = buildModel([...context.cluster.objects, ...imagined])
    this.policies = this.model.tiers.flatMap(({ policies }) => policies).filter(({ staged }) => !staged)
    this.pods = onePerClass(this.model.catalog.classes)
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
    return { rules: rules.reverse(), policies: policies.reverse(), skipped: null }
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
    if (rules.every(({ action }) => action === 'log')) return null
    const before = new Set(this.removed)
    const deciders = new Set<Policy>()
    let contradicted = false
    let neverDecides = true
    let asked = 0
    for (const { rule, question } of this.questions(policy, direction, rules)) {
      if (++asked > mostQuestions) return null
      const withIt = side(this.reduced, question, direction)
      for (const one of rules) this.removed.add(one)
      const without = side(this.reduced, question, direction)
      for (const one of rules) if (!before.has(one)) this.removed.delete(one)
      if (withIt.verdict !== without.verdict) return null
      const decides = withIt.trace.some((hit) => isOf(hit, policy) && hit.rule === index)
      if (decides) neverDecides = false
      const expected = rule.action === 'allow' ? 'allowed' : 'denied'
      if (!decides && rule.action !== 'pass' && withIt.verdict !== expected) contradicted = true
      const decider = this.policies.find((one) =>
        without.trace.some((hit) => isOf(hit, one) && hit === without.trace.at(-1)),
      )
      if (decider) deciders.add(decider)
    }
    // A rule whose peers cannot be imagined (a Service, an unknown set) is left alone.
    if (asked === 0 || deciders.size === 0) return null
    for (const one of rules) this.removed.add(one)
    const catchAllDeny = rules.every(({ action, draft }) => action === 'deny' && isUnrestricted(draft))
    return { policy, direction, index, deciders: [...deciders], contradicted, neverDecides, catchAllDeny }
  }

  /** What isolates the policy's pods besides it, if none of its rules is needed; null where the policy is needed. */
  private coverOf(policy: Policy, superfluous: SuperfluousRule[]): Policy[] | null {
    const count = directions.reduce(
      (sum, direction) => sum + new Set(policy.rules[direction]?.map(({ index }) => index)).size,
      0,
    )
    if (superfluous.length < count) return null
    const covered = new Set(superfluous.flatMap(({ deciders }) => deciders).filter((one) => one !== policy))
    const subjects = this.pods.filter(({ labelClass }) => policy.selects(labelClass.labels))
    if (subjects.length === 0) return null
    for (const direction of directions) {
      if (policy.rules[direction] === null) continue
      for (const subject of subjects) {
        const plan = this.reduced.plan(subject, direction).find(({ policies }) => policies.includes(policy))
        if (!plan) continue
        const others = plan.policies.filter((one) => one !== policy && !one.staged)
        if (others.length === 0 && plan.tier.endAction === 'deny') return null
        if (others[0]) covered.add(others[0])
      }
    }
    return covered.size > 0 ? [...covered] : null
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

  /** Flows that one of the rules matches: every kind of pod it could mean, at the ports where something changes. */
  private *questions(policy: Policy, direction: Direction, rules: Rule[]) {
    const subjects = this.pods.filter(({ labelClass }) => policy.selects(labelClass.labels))

    for (const rule of rules)
      for (const subject of subjects)
        for (const peer of this.peersOf(rule, direction))
          for (const { protocol, port } of this.portsOf(rule, policy)) {
            if (peer === subject.id) continue
            const ends =
              direction === 'ingress'
                ? { source: peer, destination: subject.id }
                : { source: subject.id, destination: peer }
            const question = questionOf(this.model, { ...ends, protocol, port }, false)
            const asked = question[direction]
            if (asked && unmetCriteria(rule, asked.packet, asked.ends).length === 0) yield { rule, question }
          }
  }

  private peersOf(rule: Rule, direction: Direction): string[] {
    const far = direction === 'ingress' ? rule.source : rule.destination
    const members = this.pods.filter(({ addresses, labelClass }) =>
      far.groups.every((group) =>
        group.includes({
          version: 4,
          address: addresses[0] ?? null,
          text: addressText(addresses[0] ?? null),
          endpoints: labelClass.endpoints,
        }),
      ),
    )
    const nets = far.nets.flatMap(({ version, first, last }) =>
      [first, last].map((value) => formatAddress({ version, value })),
    )
    const outside = far.groups.length === 0 && nets.length === 0 ? ['203.0.113.254'] : []
    return [...nets, ...outside, ...members.map(({ id }) => id)].filter((id) => id !== '')
  }

  /** Both ends of each range, and the ends of others' ranges inside it. */
  private portsOf(rule: Rule, policy: Policy): { protocol: number; port: number }[] {
    const protocols =
      rule.protocol === undefined
        ? [protocolNumbers.TCP, protocolNumbers.UDP, protocolNumbers.ICMP]
        : [rule.protocol]
    const ranges = rule.destination.ports
    const own = ranges.flatMap(({ first, last }) => [first, last])
    const inner = this.boundaries(policy.ref.tier).filter(
      (port) => ranges.length === 0 || ranges.some(({ first, last }) => first <= port && port <= last),
    )
    const ports = [...new Set([...own, ...inner, ...(ranges.length === 0 ? [61_234] : [])])]
    return protocols.flatMap((protocol) => ports.map((port) => ({ protocol, port })))
  }

  private readonly tierBoundaries = new Map<string, number[]>()

  private boundaries(tier: string): number[] {
    const known = this.tierBoundaries.get(tier)
    if (known) return known
    const rules = this.policies.flatMap(({ rules }) => [...(rules.ingress ?? []), ...(rules.egress ?? [])])
    const ends = rules.flatMap(({ destination }) =>
      destination.ports.flatMap(({ first, last }) => [first - 1, first, last, last + 1]),
    )
    const named = this.pods.flatMap(({ ports }) => ports.map(({ port }) => port))
    const all = [...new Set([...ends, ...named])].filter((port) => port > 0 && port < 65536).slice(0, 64)
    this.tierBoundaries.set(tier, all)
    return all
  }
}

function side(model: Model, question: ReturnType<typeof questionOf>, direction: Direction): DirectionVerdict {
  const walk = question[direction]!
  const asked = { ...question, egress: null, ingress: null, guarded: null, [direction]: { ...walk, model } }
  return answer(model, asked)[direction]!
}

function isOf(hit: Hit, { ref }: Policy): boolean {
  return (
    hit.kind === ref.kind &&
    hit.name === ref.name &&
    hit.namespace === ref.namespace &&
    hit.apiVersion === ref.apiVersion
  )
}

function onePerClass(classes: LabelClass[]): Endpoint[] {
  return classes.flatMap(({ endpoints }) => endpoints.find(({ kind }) => kind === 'pod') ?? [])
}

function isUnrestricted({ action: _, index: __, source, destination, ...rest }: Rule['draft']): boolean {
  return [rest, source, destination].every((part) =>
    Object.values(part).every((value) => value === undefined || (Array.isArray(value) && value.length === 0)),
  )
}
