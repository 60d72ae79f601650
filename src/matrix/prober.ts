import { isLabError, messageOf } from '../errors.ts'
import type { KubeClient } from '../kube/index.ts'
import type { PodPlan } from './plan.ts'
import { podFate } from './pod-fate.ts'
import { runProbes } from './way-in.ts'

/** What a pod's one exec of a round brought back. */
export interface ProbeReport {
  pod: string
  outcomes: Map<string, ProbeOutcome>
  /** Why the exec failed, with its output; null if it ended well. */
  error: string | null
  /** Why nothing in the pod can probe; null where something can. */
  noWayIn: string | null
  /** What became of the pod where the exec failed for that; null where it is still there. */
  gone: string | null
  execs: number
}

export interface ProbeOutcome {
  outcome: Outcome
  elapsedMs: number
  /** The resolved address, or the error's text. */
  detail: string
}

export const outcomes = [
  'OK',
  'TIMEOUT',
  'REFUSED',
  'RESET',
  'UNREACHABLE',
  'PROHIBITED',
  'DNS',
  'DNS-TIMEOUT',
  'UNSUPPORTED',
  'OTHER',
] as const
export type Outcome = (typeof outcomes)[number]

/** How long the three phases may take beyond their timeouts: starting the processes on a busy machine. */
const slackMs = 15_000

export interface ProberOptions {
  /** See `ProbeExec`. */
  ephemeralImage?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * Runs a pod's probes in one exec. An exec that fails is a report with an error; only an interruption throws.
 */
export async function probeFrom(
  kube: KubeClient,
  plan: PodPlan,
  { ephemeralImage, signal }: ProberOptions = {},
): Promise<ProbeReport> {
  const { pod, probes } = plan
  const longestMs = Math.max(...probes.map(({ timeoutMs, nameTimeoutMs = 0 }) => nameTimeoutMs + timeoutMs))
  const stdin = probes
    .map(({ id, phase, kind, host, port, timeoutMs, silent, nameTimeoutMs }) => {
      const foreseen = [...(silent ? ['silent'] : []), ...(nameTimeoutMs ? [nameTimeoutMs] : [])]
      return [id, phase, kind, host, port, timeoutMs, ...foreseen].join('\t')
    })
    .join('\n')
  const silent = { pod: pod.ref, outcomes: new Map(), error: null, noWayIn: null, gone: null, execs: 1 }
  try {
    const way = await runProbes({
      kube,
      pod,
      stdin: `${stdin}\n\n`,
      timeoutMs: 3 * longestMs + slackMs,
      // Only a source is worth changing a pod for.
      ephemeralImage: plan.isSource ? ephemeralImage : undefined,
      signal,
    })
    if ('noWayIn' in way) return { ...silent, ...way }
    const { code, stdout, stderr } = way.outcome
    const report = { ...silent, outcomes: parseReport(stdout), execs: way.execs }
    if (code === 0) return report
    const error = `the prober ended with exit code ${code}: ${lastLines(stderr || stdout)}`
    return { ...report, error, gone: await podFate(kube, pod) }
  } catch (error) {
    if (signal?.aborted || (isLabError(error) && error.code === 'interrupted')) throw error
    const gone = await podFate(kube, pod)
    return { ...silent, error: `the prober could not run: ${describe(error)}`, gone }
  }
}

/** The lines of a prober's output; a line that is not of the protocol is passed over, so its probe has no answer. */
export function parseReport(stdout: string): Map<string, ProbeOutcome> {
  const report = new Map<string, ProbeOutcome>()
  for (const line of stdout.split('\n')) {
    const [id, word, elapsed, ...detail] = line.replace(/\r$/, '').split('\t')
    const outcome = outcomes.find((one) => one === word)
    if (!id || !outcome) continue
    report.set(id, { outcome, elapsedMs: Number(elapsed) || 0, detail: detail.join(' ').trim() })
  }
  return report
}

function describe(error: unknown): string {
  const cause = isLabError(error) && error.cause ? `: ${messageOf(error.cause)}` : ''
  const problems = isLabError(error) && error.problems.length > 0 ? `: ${error.problems.join('; ')}` : ''
  return `${messageOf(error)}${cause}${problems}`
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it printed nothing'
}
