const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

const factors = new Map([
  ...decimal.map((suffix, index) => [suffix, 10 ** (3 * index - 9)] as const),
  ...binary.map((suffix, index) => [suffix, 1024 ** index] as const),
])

const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/

/** Whether a value is a quantity such as `250m`, `64Mi` or `1e3`. */
export function isQuantity(value: unknown): value is string | number {
  return (typeof value === 'number' || typeof value === 'string') && pattern.test(String(value))
}

/** A quantity as a number; NaN for anything else. */
export function parseQuantity(quantity: string | number): number {
  const [, sign, digits, suffix = ''] = pattern.exec(String(quantity)) ?? []
  if (digits === undefined) return Number.NaN
  const factor = factors.get(suffix)
  // One division, so that no fraction is off by rounding twice.
  const value =
    factor === undefined
      ? Number(`${digits}${suffix}`)
      : factor < 1
        ? Number(digits) / Math.round(1 / factor)
        : Number(digits) * factor
  return sign === '-' ? -value : value
}

/** The finest that a quantity holds: 10⁻⁹. */
const unit = 10n ** 9n
const largest = (2n ** 63n - 1n) * unit

/**
 * A quantity as Kubernetes stores it (apimachinery, resource.Quantity): no fraction, the largest suffix that leaves none,
 * in the notation in which it was given. `1000m` is `1`, `0.5Gi` is `512Mi`, `0.1` is `100m`.
 */
export function canonicalQuantity(quantity: string | number): string {
  const [, sign, digits, suffix = ''] = pattern.exec(String(quantity)) ?? []
  if (digits === undefined) return String(quantity)
  const isBinary = suffix.endsWith('i')
  const isExponent = /^[eE][+-]?\d/.test(suffix)
  const power = isExponent ? Number(suffix.slice(1)) : 3 * (decimal.indexOf(suffix) - 3)
  const size = size9(digits, isBinary ? 1024n ** BigInt(binary.indexOf(suffix)) : 1n, isBinary ? 0 : power)
  const minus = sign === '-' && size > 0n ? '-' : ''
  if (isBinary && size >= 1024n * unit) return `${minus}${inBinary(size)}`
  return `${minus}${inDecimal(size, isExponent)}`
}

/** In units of 10⁻⁹; what is finer is rounded up. */
function size9(digits: string, factor: bigint, power: number): bigint {
  const [whole = '', fraction = ''] = digits.split('.')
  const exponent = Math.max(-400, Math.min(400, power)) + 9 - fraction.length
  const value = BigInt(`${whole}${fraction}`) * factor
  if (exponent >= 0) return least(value * 10n ** BigInt(exponent))
  const divisor = 10n ** BigInt(-exponent)
  return least((value + divisor - 1n) / divisor)
}

/** More than 2⁶³ - 1 is not held, unless it takes few digits to say it. */
function least(size: bigint): bigint {
  const isShort = size % (1000n * unit) === 0n && size < 1000n * 10n ** 18n * unit
  return size > largest && !isShort ? largest : size
}

function inBinary(size: bigint): string {
  let value = (size + unit - 1n) / unit
  let index = 0
  while (index < binary.length - 1 && value % 1024n === 0n) {
    value /= 1024n
    index += 1
  }
  return `${value}${binary[index]}`
}

function inDecimal(size: bigint, isExponent: boolean): string {
  let value = size
  let index = 0
  while (index < decimal.length - 1 && value !== 0n && value % 1000n === 0n) {
    value /= 1000n
    index += 1
  }
  if (value === 0n) return '0'
  if (!isExponent) return `${value}${decimal[index]}`
  return index === 3 ? `${value}` : `${value}e${3 * index - 9}`
}
