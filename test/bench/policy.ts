import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { buildModel, countCells, explain, policyMatrix } from '../../src/policy/index.ts'
import { policySet } from './policy-sets.ts'
import { percentile } from './statistics.ts'

/** Pods and policies, from small to the largest that is aimed at. */
const sizes: [pods: number, policies: number, aim: string][] = [
  [1_000, 200, '; aim 150 ms'],
  [2_500, 400, ''],
  [5_000, 700, ''],
  [10_000, 1_000, '; aim 2,000 ms, 1,024 MiB'],
]

type Row = (title: string, figures: string, note: string) => void

/**
 * From API objects to the verdict of every pod towards every other on one port, several times at each size. The first
 * time at the first size everything is compiled cold: that is the maximum there.
 */
export function policyMatrices(row: Row): void {
  for (const [pods, policies, aim] of sizes) {
    const times = pods > 1_000 ? 3 : 15
    const runs = Array.from({ length: times }, () => matrixOf(policySet(pods, policies)))
    const durations = runs.map(({ durationMs }) => durationMs)
    const { classes, denied, memory, explainMs } = runs[0]!
    row(
      `policies: ${pods.toLocaleString('en')} pods × ${policies.toLocaleString('en')}`,
      `median ${ms(percentile(durations, 0.5))}, max ${ms(percentile(durations, 1))}`,
      `${classes} classes, ${memory} MiB, ${denied} denied${aim}`,
    )
    row('  explain one edge of it', ms(explainMs), 'aim 50 ms')
  }
}

function matrixOf(objects: KubernetesObject[]) {
  const started = performance.now()
  const model = buildModel(objects)
  const matrix = policyMatrix(model, [{ protocol: 'TCP', port: 8001 }])
  const [port] = matrix.ports()
  const { allowed, denied } = countCells(model, matrix, port!)
  const durationMs = performance.now() - started
  const [source, destination] = [matrix.actors[0]!.id, matrix.actors.at(-1)!.id]
  const asked = performance.now()
  explain(model, { source, destination, protocol: 'TCP', port: 8001 })
  return {
    durationMs,
    explainMs: performance.now() - asked,
    classes: matrix.classes.length,
    memory: Math.round(process.memoryUsage().rss / 2 ** 20),
    denied: `${Math.round((100 * denied) / (allowed + denied))} %`,
  }
}

function ms(duration: number): string {
  return `${Math.round(duration).toLocaleString('en')} ms`
}
