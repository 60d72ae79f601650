import { buildModel, countCells, explain, policyMatrix } from '../../src/policy/index.ts'
import { policySet } from './policy-sets.ts'

/** Pods and policies, from small to the largest that is aimed at. */
const sizes: [pods: number, policies: number, aim: string][] = [
  [1_000, 200, 'aim 150 ms'],
  [2_500, 400, ''],
  [5_000, 700, ''],
  [10_000, 1_000, 'aim 2,000 ms, 1,024 MiB, 2,000 classes'],
]

/**
 * From API objects to the verdict of every pod towards every other on one port. The smaller sizes run first, so that
 * nothing but the first is compiled cold.
 */
export function policyMatrices(row: (title: string, figures: string, note: string) => void): void {
  for (const [pods, policies, aim] of sizes) {
    const objects = policySet(pods, policies)
    const started = performance.now()
    const model = buildModel(objects)
    const built = performance.now()
    const matrix = policyMatrix(model, [{ protocol: 'TCP', port: 8001 }])
    const [port] = matrix.ports()
    const { allowed, denied } = countCells(model, matrix, port!)
    const done = performance.now()
    const memory = process.memoryUsage().rss / 2 ** 20
    row(
      `policies: ${pods} pods × ${policies}`,
      `${ms(done - started)} (model ${ms(built - started)}), ${matrix.classes.length} classes, ${Math.round(memory)} MiB`,
      aim,
    )
    const [first, last] = [matrix.actors[0]!.id, matrix.actors.at(-1)!.id]
    const asked = performance.now()
    explain(model, { source: first, destination: last, protocol: 'TCP', port: 8001 })
    row(
      '  explain one edge of it',
      ms(performance.now() - asked),
      `${share(denied, allowed + denied)} of the cells are denied; aim 50 ms`,
    )
  }
}

function ms(duration: number): string {
  return `${Math.round(duration).toLocaleString('en')} ms`
}

function share(part: number, whole: number): string {
  return `${Math.round((100 * part) / whole)} %`
}
