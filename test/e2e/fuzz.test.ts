import { fuzz } from '../fuzz/fuzz.ts'
import { homeForTests, testUnless, whyNoDualCluster } from '../support/ztlab.ts'

/** One seed of this run, and one that is always the same. */
const fresh = Number(process.env.ZTLAB_SEED ?? Date.now() % 2 ** 31)

process.env.ZTLAB_STATE_DIR = homeForTests().state
const whyNot = whyNoDualCluster()

for (const seed of [1, fresh])
  testUnless(whyNot, {
    title: `20 random policy sets: packets do what the engine predicts, seed ${seed}`,
    async body() {
      const { mismatches, allowed, denied } = await fuzz({ seed, sets: 20 })
      expect(mismatches).toEqual([])
      // Some sets of 20 deny little; that packets passed and packets were dropped is what must hold.
      expect({ seed, allowed, denied, hasBoth: Math.min(allowed, denied) > 100 }).toMatchObject({
        hasBoth: true,
      })
    },
    timeoutMs: 600_000,
  })
