/** Where a tier without an order stands, and the tier `default` itself. */
export const defaultTierOrder = 1_000_000

/** Tiers that every cluster has. Their order and default action cannot be changed. */
export const builtInTiers: Record<string, { order: number; defaultAction: 'Deny' | 'Pass' }> = {
  'kube-admin': { order: 1000, defaultAction: 'Pass' },
  default: { order: defaultTierOrder, defaultAction: 'Deny' },
  'kube-baseline': { order: 10_000_000, defaultAction: 'Pass' },
}
