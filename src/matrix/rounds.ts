import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeClient } from '../kube/index.ts'
import type { ClusterView } from './cluster-view.ts'
import { type Edge, edgeKey } from './edge.ts'
import { inTurns } from './in-turns.ts'
import { judge } from './judge.ts'
import type { Cell } from './matrix.ts'
import { type PlanRequest, type PodPlan, planProbes } from './plan.ts'
import { type ProbeReport, probeFrom } from './prober.ts'
import { findTarget } from './targets.ts'

export interface RoundsRequest extends PlanRequest {
  kube: KubeClient
  /** Whether a cell is not what anybody thought: it is asked again. */
  surprises: (cell: Cell) => boolean
  /** Reads the cluster anew for the second round: pods come and go. Default: `view` stands. */
  refresh?: () => Promise<ClusterView>
  /** See `ProbeExec`. */
  ephemeralImage?: string | undefined
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
  if (doubtful.length === 0) return { ...first, durationMs: performance.now() - started }
  const view = await refreshed(request)
  const second = await measureOnce({ ...request, view }, doubtful)
  const again = new Map(second.cells.map((cell) => [edgeKey(cell), cell]))
  return {
    cells: first.cells.map((cell) => {
      const other = again.get(edgeKey(cell))
      return other && endsOf(view, cell) !== endsOf(request.view, cell)
        ? moved(other)
        : settleCell(cell, other)
    }),
    execs: first.execs + second.execs,
    durationMs: performance.now() - started,
  }
}

/** A cluster that cannot be read any more is for the probes to report. */
async function refreshed({ view, refresh, signal }: RoundsRequest): Promise<ClusterView> {
  try {
    return refresh ? await refresh() : view
  } catch (error) {
    if (signal?.aborted) throw error
    return view
  }
}

/** Who the two ends of an edge are, to tell whether they have changed. */
function endsOf(view: ClusterView, edge: Edge): string {
  const source = view.pod(edge.from)
  const target = findTarget(view, edge, source)
  const ends = typeof target === 'string' ? target : [target.host, target.listeners]
  return JSON.stringify([source?.ref, source?.uid, source?.address, ends])
}

function moved(cell: Cell): Cell {
  return { ...cell, reason: `${cell.reason} (its pods changed between two rounds; this is the second)` }
}

/**
 * Who is foreseen to wait for a timeout begins before the others, whose work passes meanwhile: beginning together, they
 * would keep each other from it.
 */
const headStartMs = 150

/** More probes at a time make each other late: a handshake that takes longer than its timeout looks like silence. */
const turns = { weightOf: ({ probes }: PodPlan) => probes.length, most: 2_400 }

async function measureOnce(request: RoundsRequest, edges: Edge[]): Promise<{ cells: Cell[]; execs: number }> {
  const { kube, ephemeralImage, signal } = request
  const plan = planProbes({ ...request, edges })
  const waits = ({ probes }: PodPlan) => probes.some(({ silent }) => silent)
  const follows = plan.pods.some(waits)
  const reports = await inTurns(plan.pods, turns, async (pod) => {
    // Interrupted, the exec says so itself.
    if (follows && !waits(pod)) await sleep(headStartMs, undefined, { signal }).catch(() => undefined)
    return probeFrom(kube, pod, { ephemeralImage, signal })
  })
  return { cells: judge(plan, reports), execs: sum(reports) }
}

function sum(reports: ProbeReport[]): number {
  return reports.reduce((total, { execs }) => total + execs, 0)
}

function settleCell(first: Cell, second: Cell | undefined): Cell {
  if (!second || second.verdict === first.verdict) return first
  return {
    ...first,
    verdict: 'flapping',
    reason: `first ${first.verdict} (${first.reason}), then ${second.verdict} (${second.reason}), with nothing changed between`,
  }
}
