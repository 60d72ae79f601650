import { fuzzWire } from '../../../fuzz/wire/fuzz-wire.ts'
import { startTarget } from '../../../fuzz/wire/target.ts'
import { eventually } from '../../../support/eventually.ts'
import { seeds } from '../../../support/random-policies/random.ts'

/** `make fuzz-wire` sends a hundred thousand. */
const requests = 300

/** Over all seeds: one alone may hold no upgrade that is answered. */
const answered = new Set<string>()
let begun = 0

async function send(seed: number): Promise<void> {
  const target = await startTarget()
  try {
    const { wrong, codes } = await fuzzWire({ seed, requests, target })
    expect({ wrong, faults: target.faults }).toEqual({ wrong: [], faults: [] })
    for (const code of Object.keys(codes)) answered.add(code)
    begun += target.commands.begun
    await eventually(async () => expect(target.commands.running).toBe(0))
  } finally {
    await target.close()
  }
}

test.each(seeds)('no request is answered by a fault of the server (seed %d)', send, 120_000)

test('requests without the token, upgrades, and commands that began were among them', async () => {
  expect([...answered]).toEqual(expect.arrayContaining(['101', '401']))
  // A command that its client gives up at once may never begin: with some seeds none does.
  for (let seed = 1; begun === 0; seed += 1) await send(seed)
}, 120_000)
