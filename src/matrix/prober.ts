import { isLabError, messageOf } from '../errors.ts'
import type { KubeClient } from '../kube/index.ts'
import type { PodPlan } from './plan.ts'
import { probeScript } from './probe-script.ts'

/** What a pod's one exec of a round brought back. */
export interface ProbeReport {
  pod: string
  outcomes: Map<string, ProbeOutcome>
  /** Why the exec failed, with its output; null if it ended well. */
  error: string | null
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
  'OTHER',
] as const
export type Outcome = (typeof outcomes)[number]

/** How long the three phases may take beyond their timeouts: starting the processes on a busy machine. */
const slackMs = 15_000

/**
 * Runs a pod's probes in one exec. An exec that fails is a report with an error; only an interruption throws.
 */
export async function probeFrom(kube: KubeClient, plan: PodPlan, signal?: AbortSignal): Promise<ProbeReport> {
  const { pod, probes } = plan
  const longestMs = Math.max(...probes.map(({ timeoutMs }) => timeoutMs))
  const stdin = probes
    .map(({ id, phase, kind, host, port, timeoutMs }) => [id, phase, kind, host, port, timeoutMs].join('\t'))
    .join('\n')
  try {
    const { code, stdout, stderr } = await kube.exec({
      namespace: pod.namespace,
      pod: pod.name,
      container: pod.container,
      command: ['sh', '-c', probeScript],
      stdin: `${stdin}\n`,
      timeoutMs: 3 * longestMs + slackMs,
      signal,
    })
    const report = { pod: pod.ref, outcomes: parseReport(stdout), error: null }
    if (code === 0) return report
    return { ...report, error: `the prober ended with exit code ${code}: ${lastLines(stderr || stdout)}` }
  } catch (error) {
    if (signal?.aborted || (isLabError(error) && error.code === 'interrupted')) throw error
    return { pod: pod.ref, outcomes: new Map(), error: `the prober could not run: ${describe(error)}` }
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
