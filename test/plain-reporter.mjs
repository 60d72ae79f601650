import { writeSync } from 'node:fs'

// Ends every run with one plain line that any CI can read, behind Jest's own summary.
export default class PlainReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    const line = `\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`
    process.once('exit', () => writeSync(1, line))
  }
}
