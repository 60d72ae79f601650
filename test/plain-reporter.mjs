import { writeSync } from 'node:fs'

// Ends every run with one plain line that any CI can read, behind Jest's own summary, and before it the tests that
// were skipped for a reason: Jest shows their titles only where one file runs.
export default class PlainReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    const reasons = results.testResults
      .flatMap((file) => file.testResults)
      .filter(({ status, title }) => status === 'pending' && title.includes('(skipped: '))
      .map(({ fullName }) => `- ${fullName}\n`)
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`
    process.once('exit', () => writeSync(1, `\n${reasons.join('')}${line}`))
  }
}
