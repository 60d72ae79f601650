/** A number, or a share of `total` such as `25%` (intstr.IntOrString). */
export function resolvePercent(
  value: number | string,
  total: number,
  round: (value: number) => number,
): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) / 100) * total)
}
