import type { Random } from '../../support/random-policies/random.ts'

/** Words that have broken servers before: injections, traversals, prototypes, controls, lone surrogates, lengths. */
const words = [
  '',
  ' ',
  '.',
  '..',
  '../../etc/passwd',
  '%2e%2e%2f',
  '%00',
  '%ff%fe',
  '%',
  '\u0000',
  '\r\nX-Injected: yes\r\n\r\n',
  '%0d%0aX-Injected:%20yes',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'emoji \u{1F600} and \u00e9',
  '\ud800',
  'a'.repeat(300),
  'a'.repeat(70_000),
  '-1',
  '1e400',
  '9007199254740993',
  '$(x:y)',
  '{{7*7}}',
  "' OR 1=1 --",
  'true',
  'null',
  'NaN',
]

/** A number that fits nowhere, as well as ordinary ones. */
const numbers = [0, -0, -1, 1, 65_536, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, 0.1]

export function randomWord(random: Random): string {
  return random.pick(words)
}

export function randomValue(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 6 : 9)
  if (kind === 0) return null
  if (kind === 1) return random.chance(0.5)
  if (kind === 2) return random.pick(numbers)
  if (kind < 6) return randomWord(random)
  if (kind === 6) return Array.from({ length: random.below(4) }, () => randomValue(random, depth + 1))
  const entries = Array.from({ length: random.below(4) }, () => [
    randomWord(random),
    randomValue(random, depth + 1),
  ])
  return Object.fromEntries(entries)
}

/** A copy of a JSON value in which one place, anywhere in it, is something else. */
export function mutated(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.15)) return randomValue(random)
  if (Array.isArray(value)) {
    if (!value.length || random.chance(0.1)) return [...value, randomValue(random)]
    const index = random.below(value.length)
    return value.map((each, at) => (at === index ? mutated(random, each) : each))
  }
  const fields = Object.keys(value)
  if (!fields.length || random.chance(0.15)) {
    const added = Object.fromEntries([[randomWord(random), randomValue(random)]])
    return { ...value, ...added }
  }
  const field = random.pick(fields)
  return { ...value, [field]: mutated(random, (value as Record<string, unknown>)[field]) }
}

/** Bytes with a few of them flipped, left out, doubled, or cut off at the end. */
export function mutatedBytes(random: Random, bytes: Buffer): Buffer {
  let result = Buffer.from(bytes)
  for (let count = 1 + random.below(4); count > 0 && result.length; count -= 1) {
    const at = random.below(result.length)
    const kind = random.below(4)
    if (kind === 0) result[at] = random.below(256)
    else if (kind === 1) result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1)])
    else if (kind === 2)
      result = Buffer.concat([result.subarray(0, at), randomBytes(random, 8), result.subarray(at)])
    else result = result.subarray(0, at)
  }
  return result
}

export function randomBytes(random: Random, limit: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(limit) }, () => random.below(256)))
}
