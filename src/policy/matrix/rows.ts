import type { IpVersion } from '../../cidr.ts'
import {
  concernsPacket,
  type Decider,
  type Ends,
  endDecider,
  guard,
  guardDecider,
  type Packet,
  profileDecider,
  ruleDecider,
} from '../evaluate/index.ts'
import type { Peer, Policy, Rule, TierPlan } from '../model/index.ts'
import type { Direction } from '../rules.ts'
import {
  add,
  type Bits,
  eachBit,
  emptyBits,
  fullBits,
  hasBit,
  isEmpty,
  keep,
  remove,
  setBit,
} from './bits.ts'
import type { ActorClass, Classes } from './classes.ts'
import { asksNothing, demandOf, type Trait } from './traits.ts'

/** What one side's policies say. */
export interface Decision {
  verdict: 'allowed' | 'denied'
  decidedBy: Decider
}

/** By index of the class at the other end: the number of the decision. */
export type Row = Uint32Array

/**
 * The verdicts of one class towards all others at once: the classes that nothing has decided yet are bits, and each
 * rule takes away those that it matches. Classes with equal policies share a row unless a rule asks about themselves.
 */
export class Rows {
  readonly decisions: Decision[] = []
  private readonly numbers = new Map<unknown, Map<string, number>>()
  private readonly rows = new Map<string, Row>()
  private readonly plans = new Map<TierPlan[], PlannedRule[]>()
  private readonly planNumbers = new Map<TierPlan[], number>()
  private readonly traitBits = new Map<string, Bits>()
  private readonly peerBits = new Map<Peer, Bits | null>()
  private readonly size: number

  constructor(
    private readonly classes: Classes,
    private readonly packet: Packet,
    private readonly version: IpVersion,
  ) {
    this.size = classes.all.length
  }

  /** Null for a class on its node's network: nobody is asked. */
  row({ members }: ActorClass, index: number, direction: Direction): Row | null {
    const { endpoint } = members[0]!
    if (!endpoint) return null
    const { model } = this.classes
    const guarded = direction === 'egress' ? guard(model, this.packet) : null
    const plan = guarded ? noPlan : model.plan(endpoint, direction)
    const profile = endpoint.profiles[0]!
    const rules = this.planned(plan, direction)
    const own = rules.map(({ own }) => (own === null ? '' : hasBit(own, index) ? '1' : '0')).join('')
    const key = `${direction} ${this.planNumber(plan)} ${profile} ${own}`
    const known = this.rows.get(key)
    if (known) return known
    const last: Decision = guarded
      ? { verdict: 'denied', decidedBy: guardDecider(guarded) }
      : { verdict: 'allowed', decidedBy: profileDecider(endpoint) }
    const row = new Uint32Array(this.size).fill(this.numberOf(profile, `${guarded}`, () => last))
    this.walk(
      plan,
      rules.filter(({ own }) => own === null || hasBit(own, index)),
      row,
    )
    this.rows.set(key, row)
    return row
  }

  private walk(plan: TierPlan[], rules: PlannedRule[], row: Row): void {
    const open = fullBits(this.size)
    let next = 0
    for (const { policies, endOwner, endAction } of plan) {
      const passed = emptyBits(this.size)
      for (const policy of policies)
        for (; rules[next]?.policy === policy; next++) {
          const matched = open.slice()
          const { rule, other } = rules[next]!
          if (other) keep(matched, other)
          if (isEmpty(matched)) continue
          remove(open, matched)
          if (rule.action === 'pass') add(passed, matched)
          else this.decide(row, matched, this.ofRule(policy, rule))
        }
      if (endOwner && endAction === 'deny') {
        this.decide(row, open, this.atEnd(endOwner))
        open.fill(0)
      }
      add(open, passed)
    }
  }

  private decide(row: Row, matched: Bits, decision: number): void {
    eachBit(matched, (index) => {
      row[index] = decision
    })
  }

  private ofRule(policy: Policy, rule: Rule): number {
    return this.numberOf(policy, `${rule.action} ${rule.index}`, () => ({
      verdict: rule.action === 'allow' ? 'allowed' : 'denied',
      decidedBy: ruleDecider(policy, rule),
    }))
  }

  private atEnd(policy: Policy): number {
    return this.numberOf(policy, 'end', () => ({ verdict: 'denied', decidedBy: endDecider(policy) }))
  }

  private numberOf(owner: unknown, what: string, make: () => Decision): number {
    const numbers = this.numbers.get(owner) ?? new Map<string, number>()
    this.numbers.set(owner, numbers)
    const number = numbers.get(what) ?? this.decisions.push(make()) - 1
    numbers.set(what, number)
    return number
  }

  private planNumber(plan: TierPlan[]): number {
    const number = this.planNumbers.get(plan) ?? this.planNumbers.size
    this.planNumbers.set(plan, number)
    return number
  }

  /** The rules of a plan that can match, in order. */
  private planned(plan: TierPlan[], direction: Direction): PlannedRule[] {
    let planned = this.plans.get(plan)
    if (!planned) {
      const policies = plan.flatMap((tier) => tier.policies.filter(({ staged }) => !staged))
      planned = policies.flatMap((policy) => this.plannedOf(policy, direction))
      this.plans.set(plan, planned)
    }
    return planned
  }

  private plannedOf(policy: Policy, direction: Direction): PlannedRule[] {
    const [ownSide, otherSide] = direction === 'egress' ? sides : ([sides[1], sides[0]] as const)
    return policy.rules[direction]!.flatMap((rule) => {
      if (rule.action === 'log' || !concernsPacket(rule, this.packet, this.version)) return []
      const own = this.meeting(rule[ownSide], ownSide)
      const other = this.meeting(rule[otherSide], otherSide)
      const possible = !(own && isEmpty(own)) && !(other && isEmpty(other))
      return possible ? [{ policy, rule, own, other }] : []
    })
  }

  /** The classes that meet what a peer asks of its end; null for all of them. */
  private meeting(peer: Peer, side: keyof Ends): Bits | null {
    const known = this.peerBits.get(peer)
    if (known !== undefined) return known
    const demand = demandOf(peer, this.packet, side)
    let bits: Bits | null = null
    if (!asksNothing(demand)) {
      bits = demand.possible ? fullBits(this.size) : emptyBits(this.size)
      for (const trait of demand.all) keep(bits, this.having(trait, side))
      for (const trait of demand.none) remove(bits, this.having(trait, side))
      if (demand.some.length > 0) {
        const some = emptyBits(this.size)
        for (const trait of demand.some) add(some, this.having(trait, side))
        keep(bits, some)
      }
    }
    this.peerBits.set(peer, bits)
    return bits
  }

  private having(trait: Trait, side: keyof Ends): Bits {
    const key = `${side} ${trait.key}`
    const known = this.traitBits.get(key)
    if (known) return known
    const bits = emptyBits(this.size)
    const { traits, classOf } = this.classes
    for (const place of traits.owners(trait, side, this.version)) setBit(bits, classOf[place]!)
    this.traitBits.set(key, bits)
    return bits
  }
}

const noPlan: TierPlan[] = []

const sides = ['source', 'destination'] as const

interface PlannedRule {
  policy: Policy
  rule: Rule
  /** Classes that may stand at the policy's own end, and at the other; null for all. */
  own: Bits | null
  other: Bits | null
}
