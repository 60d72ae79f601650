import type { KubeClient } from '../kube/index.ts'
import type { ClusterView } from './cluster-view.ts'
import { type Edge, edgeKey } from './edge.ts'
import { judge } from './judge.ts'
import type { Cell } from './matrix.ts'
import { planProbes } from './plan.ts'
import { probeFrom } from './prober.ts'

export interface RoundsRequest {
  kube: KubeClient
  view: ClusterView
  edges: Edge[]
  timeoutMs: number
  protocols: string[]
  /** Whether a cell is not what anybody thought: it is asked again. */
  surprises: (cell: Cell) => boolean
  signal?: AbortSignal
}

export interface Measurement {
  cells: Cell[]
  execs: number
  durationMs: number
}

/**
 * Takes one full round, and a second one of the cells that surprise. A cell that differs between them, with nothing
 * changed, is `flapping`; there is no third round until it looks right.
 */
export async function measureRounds(request: RoundsRequest): Promise<Measurement> {
  const started = performance.now()
  const first = await measureOnce(request, request.edges)
  const doubtful = first.cells.filter(request.surprises)
  const second = doubtful.length > 0 ? await measureOnce(request, doubtful) : { cells: [], execs: 0 }
  const again = new Map(second.cells.map((cell) => [edgeKey(cell), cell]))
  return {
    cells: first.cells.map((cell) => settleCell(cell, again.get(edgeKey(cell)))),
    execs: first.execs + second.execs,
    durationMs: performance.now() - started,
  }
}

async function measureOnce(request: RoundsRequest, edges: Edge[]): Promise<{ cells: Cell[]; execs: number }> {
  const { kube, view, timeoutMs, protocols, signal } = request
  const plan = planProbes({ view, edges, timeoutMs, protocols })
  const reports = await Promise.all(plan.pods.map((pod) => probeFrom(kube, pod, signal)))
  return { cells: judge(plan, reports), execs: plan.pods.length }
}

function settleCell(first: Cell, second: Cell | undefined): Cell {
  if (!second || second.verdict === first.verdict) return first
  return {
    ...first,
    verdict: 'flapping',
    reason: `first ${first.verdict} (${first.reason}), then ${second.verdict} (${second.reason}), with nothing changed between`,
  }
}
