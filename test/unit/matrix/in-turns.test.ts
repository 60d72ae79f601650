import { setImmediate as turn } from 'node:timers/promises'
import { inTurns } from '../../../src/matrix/in-turns.ts'

/** Runs jobs of these weights; returns what was under way together at the most, and the results. */
async function run(weights: number[], most: number) {
  let weight = 0
  let heaviest = 0
  const results = await inTurns(weights, { weightOf: (own) => own, most }, async (own) => {
    weight += own
    heaviest = Math.max(heaviest, weight)
    for (let turns = 0; turns < own; turns++) await turn()
    weight -= own
    return own
  })
  return { heaviest, results }
}

test('as many at a time as may be, and results in the order of the items', async () => {
  expect(await run([3, 1, 2, 5, 1], 100)).toEqual({ heaviest: 12, results: [3, 1, 2, 5, 1] })
  expect(await run([3, 1, 2, 5, 1], 6)).toEqual({ heaviest: 6, results: [3, 1, 2, 5, 1] })
})

test('what is heavier than all may be goes alone', async () => {
  expect(await run([1, 9, 1], 4)).toEqual({ heaviest: 9, results: [1, 9, 1] })
})

test('a failure is told, and nothing that is under way is left without a listener', async () => {
  const work = async (item: number) => {
    await turn()
    if (item > 1) throw new Error(`job ${item}`)
    return item
  }
  await expect(inTurns([1, 2, 3], { weightOf: () => 1, most: 2 }, work)).rejects.toThrow('job 2')
})
