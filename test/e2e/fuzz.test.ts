import { fuzz } from '../fuzz/fuzz.ts'
import { testOnCluster } from '../support/ztlab.ts'

/** One seed of this run, and one that is always the same. */
const fresh = Number(process.env.ZTLAB_SEED ?? Date.now() % 2 ** 31)

for (const seed of [1, fresh])
  testOnCluster(
    `20 random policy sets: packets do what the engine predicts, seed ${seed}`,
    async () => {
      const { mismatches, allowed, denied } = await fuzz({ seed, sets: 20 })
      expect(mismatches).toEqual([])
      expect(Math.min(allowed, denied)).toBeGreaterThan(500)
    },
    180_000,
  )
