import type { IpVersion } from '../cidr.ts'
import type { Abilities } from '../cluster/index.ts'
import type { KubeClient } from '../kube/index.ts'
import { type ClusterView, readCluster } from './cluster-view.ts'
import { compare, type Question, surprises } from './compare.ts'
import { type Expectation, edgeKey, type Verdict } from './edge.ts'
import type { Comparison } from './matrix.ts'
import type { Foreseen } from './plan.ts'
import { policyEngine } from './policy-engine.ts'
import { type Decide, predict } from './predict.ts'
import { measureRounds } from './rounds.ts'

export interface MatrixRequest {
  kube: KubeClient
  abilities: Abilities
  questions: Question[]
  /** The family of addresses that are dialled; default: each pod's and Service's first. */
  ipVersion?: IpVersion
  /** How long a probe waits; default: what the cluster advises, and longer where an answer is foreseen. */
  timeoutMs?: number
  signal?: AbortSignal
  /** The image of an ephemeral container for sources without a shell; left out where none may be added. */
  ephemeralImage?: string
  /** Predicts from what the cluster holds; default: the policy engine. Null leaves predictions out. */
  engine?: ((view: ClusterView) => Decide) | null
}

/** What answers does so within milliseconds, unless the machine is busy: to wait longer costs nothing where it does. */
const answerTimeoutMs = 3000

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
    answerTimeoutMs: request.timeoutMs ?? Math.max(abilities.probeTimeoutMs, answerTimeoutMs),
    protocols: abilities.protocols,
    surprises: (cell) =>
      surprises(asked.get(edgeKey(cell))!, verdicts.get(edgeKey(cell)) ?? null, cell.verdict),
    foreseen: (edge) => foreseen(asked.get(edgeKey(edge))!.expectation, verdicts.get(edgeKey(edge))),
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

const answers: (Expectation | null | undefined)[] = ['allow', 'allowed', 'refused', 'rejected']

function foreseen(expected: Expectation | null, predicted: Verdict | null | undefined): Foreseen {
  const word = expected ?? predicted
  // A name that does not even resolve is no silence of whom it names.
  if (word === 'deny' || word === 'dropped') return predicted === 'dns-failure' ? null : 'silence'
  // Whoever expects what the engine denies is seldom right.
  return answers.includes(word) && predicted !== 'dropped' ? 'answer' : null
}
