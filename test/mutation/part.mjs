// One part of mutation testing, as main.mjs asks for it: Stryker with the tests of that part.
import { join } from 'node:path'
import { Stryker } from '@stryker-mutator/core'

const { part, ...options } = JSON.parse(process.argv[2])

/** The random tests go round less often: what they alone notice is mostly noticed in the first sets. */
process.env.ZTLAB_SEED ??= '1'
process.env.ZTLAB_RANDOM_SCALE ??= '0.04'
process.env.ZTLAB_MUTATED = part

await new Stryker({
  configFile: 'test/mutation/stryker.config.json',
  plugins: ['@stryker-mutator/*', join(import.meta.dirname, 'found.mjs')],
  jsonReporter: { fileName: `coverage/mutation-${part}.json` },
  incrementalFile: `.cache/mutation-${part}.json`,
  tempDirName: `.cache/stryker-${part}`,
  ...options,
}).runMutationTest()
