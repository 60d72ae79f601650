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
} from '../../../../src/policy/matrix/bits.ts'
import { Partition } from '../../../../src/policy/matrix/partition.ts'

const size = 70

test.each([0, 1, 31, 32, 33, 64, 70])('a full set of %i has every number and no other', (count) => {
  expect(members(fullBits(count))).toEqual(Array.from({ length: count }, (_, index) => index))
  expect(isEmpty(emptyBits(count))).toBe(true)
})

test('sets are joined, cut and emptied word by word', () => {
  const [low, high] = [setOf(0, 31, 32, 69), setOf(31, 33, 69)]
  expect([hasBit(low, 31), hasBit(low, 33)]).toEqual([true, false])
  const kept = low.slice()
  keep(kept, high)
  expect(members(kept)).toEqual([31, 69])
  const removed = low.slice()
  remove(removed, high)
  expect(members(removed)).toEqual([0, 32])
  add(removed, high)
  expect(members(removed)).toEqual([0, 31, 32, 33, 69])
  remove(removed, fullBits(size))
  expect(isEmpty(removed)).toBe(true)
})

test('a partition tells apart what some set or key tells apart, and nothing else', () => {
  const partition = new Partition(6)
  expect(partition.groups()).toEqual([[0, 1, 2, 3, 4, 5]])
  partition.split([1, 2, 2, 3])
  partition.split([3, 4])
  partition.split([])
  partition.split([0, 1, 2, 3, 4, 5])
  expect(partition.groups()).toEqual([[0, 5], [1, 2], [3], [4]])
  partition.splitBy((element) => (element === 2 ? 'two' : 'other'))
  expect(partition.groups()).toEqual([[0, 5], [1], [2], [3], [4]])
})

function setOf(...numbers: number[]): Bits {
  const bits = emptyBits(size)
  for (const number of numbers) setBit(bits, number)
  return bits
}

function members(bits: Bits): number[] {
  const found: number[] = []
  eachBit(bits, (index) => found.push(index))
  return found
}
