/** Sets of small numbers as bits, 32 to a word. */
export type Bits = Uint32Array

export function emptyBits(size: number): Bits {
  return new Uint32Array((size + 31) >>> 5)
}

export function fullBits(size: number): Bits {
  const bits = emptyBits(size).fill(0xffff_ffff)
  if (size % 32 !== 0) bits[bits.length - 1] = 2 ** (size % 32) - 1
  return bits
}

export function setBit(bits: Bits, index: number): void {
  bits[index >>> 5]! |= 1 << (index & 31)
}

export function hasBit(bits: Bits, index: number): boolean {
  return (bits[index >>> 5]! & (1 << (index & 31))) !== 0
}

/** Leaves in `bits` what is in `mask` too. */
export function keep(bits: Bits, mask: Bits): void {
  for (let word = 0; word < bits.length; word++) bits[word]! &= mask[word]!
}

/** Takes out of `bits` what is in `mask`. */
export function remove(bits: Bits, mask: Bits): void {
  for (let word = 0; word < bits.length; word++) bits[word]! &= ~mask[word]!
}

/** Puts into `bits` what is in `mask`. */
export function add(bits: Bits, mask: Bits): void {
  for (let word = 0; word < bits.length; word++) bits[word]! |= mask[word]!
}

export function isEmpty(bits: Bits): boolean {
  return bits.every((word) => word === 0)
}

/** Calls `visit` for every number in the set, ascending. */
export function eachBit(bits: Bits, visit: (index: number) => void): void {
  for (let word = 0; word < bits.length; word++)
    for (let rest = bits[word]!; rest !== 0; rest &= rest - 1)
      visit((word << 5) + 31 - Math.clz32(rest & -rest))
}
