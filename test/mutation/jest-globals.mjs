// The globals of jest that the tests of src/policy use, from jest's own packages, on top of mocha.

import { expect } from 'expect'
import { bind } from 'jest-each'

const mocha = { describe: globalThis.describe, it: globalThis.it }
let recorded = null

const describe = recording(mocha.describe)
const test = recording(mocha.it)
Object.assign(globalThis, {
  expect,
  describe: Object.assign(describe, { each: bind(describe) }),
  test: Object.assign(test, { each: bind(test) }),
})

/** The tests of each file as one suite, in the order of the files: mocha runs what is outside of suites first. */
export async function importTests(folder, files) {
  for (const file of files) {
    recorded = []
    await import(`${folder}/${file}`)
    const ofFile = recorded
    recorded = null
    mocha.describe(file, () => {
      for (const register of ofFile) register()
    })
  }
}

function recording(register) {
  return (...args) => {
    if (recorded) recorded.push(() => register(...args))
    else register(...args)
  }
}
