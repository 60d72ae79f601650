import type { KubernetesObject } from '../../kubernetes-object.ts'
import { builtInTiers, defaultTierOrder } from '../built-in-tiers.ts'
import { comparePolicies, type Policy } from './policy.ts'

/** Policies that are asked one after the other before the next tier is. */
export interface Tier {
  name: string
  order: number
  /** False for a tier that policies name and nobody made: it comes last and denies at its end. */
  valid: boolean
  endAction: 'deny' | 'pass'
  policies: Policy[]
}

/** Tiers in evaluation order, each with its policies in order. The objects have their defaults. */
export function arrangeTiers(objects: KubernetesObject[], policies: Policy[]): Tier[] {
  const tiers = new Map<string, Tier>()
  for (const [name, { order, defaultAction }] of Object.entries(builtInTiers))
    tiers.set(name, makeTier(name, order, defaultAction))
  // A built-in tier that is written out has the values it has anyway: admission refuses others.
  for (const { metadata, spec } of objects)
    tiers.set(metadata.name, makeTier(metadata.name, spec.order, spec.defaultAction))
  for (const policy of policies) {
    const { tier: name } = policy.ref
    const tier = tiers.get(name) ?? { ...makeTier(name, defaultTierOrder, 'Deny'), valid: false }
    tiers.set(name, tier)
    tier.policies.push(policy)
  }
  for (const tier of tiers.values()) tier.policies.sort(comparePolicies)
  return [...tiers.values()].sort(compareTiers)
}

function makeTier(name: string, order: number, defaultAction: string | undefined): Tier {
  return { name, order, valid: true, endAction: defaultAction === 'Pass' ? 'pass' : 'deny', policies: [] }
}

function compareTiers(a: Tier, b: Tier): number {
  return Number(b.valid) - Number(a.valid) || a.order - b.order || (a.name < b.name ? -1 : 1)
}
