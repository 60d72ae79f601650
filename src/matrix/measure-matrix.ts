import type { IpVersion } from '../cidr.ts'
import type { Abilities } from '../cluster/index.ts'
import type { KubeClient } from '../kube/index.ts'
import { type ClusterView, readCluster } from './cluster-view.ts'
import { compare, type Question, surprises } from './compare.ts'
import { edgeKey } from './edge.ts'
import type { Comparison } from './matrix.ts'
import { policyEngine } from './policy-engine.ts'
import { type Decide, predict } from './predict.ts'
import { measureRounds } from './rounds.ts'

export interface MatrixRequest {
  kube: KubeClient
  abilities: Abilities
  questions: Question[]
  /** The family of addresses that are dialled; default: each pod's and Service's first. */
  ipVersion?: IpVersion
  /** How long a probe waits; default: what the cluster advises. */
  timeoutMs?: number
  signal?: AbortSignal
  /** The image of an ephemeral container for sources without a shell; left out where none may be added. */
  ephemeralImage?: string
  /** Predicts from what the cluster holds; default: the policy engine. Null leaves predictions out. */
  engine?: ((view: ClusterView) => Decide) | null
}

/**
 * Measures, predicts and compares: one exec per pod and round. Throws only where nothing could be asked at all
 * (`cluster-unreachable`, `interrupted`); what goes wrong with one edge is its verdict.
 */
export async function measureMatrix(request: MatrixRequest): Promise<Comparison> {
  const { kube, abilities, questions, signal } = request
  const started = performance.now()
  const { ipVersion } = request
  const view = await readCluster(kube, signal, ipVersion)
  const engine = request.engine === undefined ? policyEngine : request.engine
  const predicted = engine ? predict(view, questions, engine(view)) : []
  const verdicts = new Map(predicted.map((cell) => [edgeKey(cell), cell.verdict]))
  const asked = new Map(questions.map((question) => [edgeKey(question), question]))
  const { cells, execs } = await measureRounds({
    kube,
    view,
    edges: questions.map(({ from, to, protocol, port }) => ({ from, to, protocol, port })),
    timeoutMs: request.timeoutMs ?? abilities.probeTimeoutMs,
    protocols: abilities.protocols,
    surprises: (cell) =>
      surprises(asked.get(edgeKey(cell))!, verdicts.get(edgeKey(cell)) ?? null, cell.verdict),
    isSilent: (edge) => {
      const { expectation } = asked.get(edgeKey(edge))!
      if (expectation === null) return verdicts.get(edgeKey(edge)) === 'dropped'
      return expectation === 'deny' || expectation === 'dropped'
    },
    refresh: () => readCluster(kube, signal, ipVersion),
    ephemeralImage: request.ephemeralImage,
    signal,
  })
  const compared = compare({ questions, predicted, measured: cells })
  return {
    cells: compared,
    ok: compared.every(({ ok }) => ok),
    execs,
    durationMs: performance.now() - started,
  }
}
