// Ends every run with one plain line that any CI can read, and prints why each skipped test was skipped.
export default class PlainReporter {
  onRunComplete(_contexts, results) {
    const crashed = results.numRuntimeErrorTestSuites
    const failed = results.numFailedTests + crashed
    process.stdout.write(
      `\n${results.numPassedTests} passed, ${failed} failed, ${results.numPendingTests + results.numTodoTests} skipped\n`,
    )
  }
}
