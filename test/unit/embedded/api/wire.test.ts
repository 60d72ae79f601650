import { fuzzWire } from '../../../fuzz/wire/fuzz-wire.ts'
import { startTarget } from '../../../fuzz/wire/target.ts'
import { seeds } from '../../../support/random-policies/random.ts'

/** `make fuzz-wire` sends a hundred thousand. */
const requests = 300

test.each(seeds)(
  'no request is answered by a fault of the server (seed %d)',
  async (seed) => {
    const target = await startTarget()
    try {
      const { wrong, codes } = await fuzzWire({ seed, requests, target })
      expect({ wrong, faults: target.faults }).toEqual({ wrong: [], faults: [] })
      expect(codes['401']).toBeGreaterThan(0)
      expect(codes['101']).toBeGreaterThan(0)
    } finally {
      await target.close()
    }
  },
  60_000,
)
