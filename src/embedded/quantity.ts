const factors: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
}

/** A Kubernetes quantity such as `250m`, `64Mi` or `1e3` as a number; NaN for anything else. */
export function parseQuantity(quantity: string | number): number {
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(quantity))
  const factor = match ? factors[match[2]!] : undefined
  return factor === undefined ? Number.NaN : Number(match![1]) * factor
}
