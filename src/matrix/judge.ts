import type { Edge, Verdict } from './edge.ts'
import type { Cell } from './matrix.ts'
import { listenerKey, type PlannedEdge, type ProbePlan, targetKey } from './plan.ts'
import type { Outcome, ProbeOutcome, ProbeReport } from './prober.ts'
import type { EndpointView } from './service-view.ts'

/** What is known in this round about whoever should answer. */
interface Proof {
  state: 'alive' | 'dead' | 'unknown'
  /** How that is known. */
  how: string
}

/**
 * Turns the reports of one round into verdicts. Silence is `dropped` only where the listener is proven alive in the
 * same round: by the destination's own report from before and after, or by a source that was answered.
 */
export function judge(plan: ProbePlan, reports: ProbeReport[]): Cell[] {
  const byPod = new Map(reports.map((report) => [report.pod, report]))
  const answered = answeredTargets(plan, byPod)
  return plan.edges.map((planned) => {
    const verdict = judgeEdge(planned, byPod, () => proofFor(planned, { plan, byPod, answered }))
    return { ...planned.edge, ...verdict }
  })
}

interface Judgement {
  verdict: Verdict
  reason: string
}

interface Round {
  plan: ProbePlan
  byPod: Map<string, ProbeReport>
  answered: Map<string, string>
}

function judgeEdge(planned: PlannedEdge, byPod: Map<string, ProbeReport>, prove: () => Proof): Judgement {
  if (!planned.probe) return planned.obstacle ?? { verdict: 'not-run', reason: 'nothing was probed' }
  const report = byPod.get(planned.probe.pod)
  const found = report?.outcomes.get(planned.probe.id)
  if (!found && report?.noWayIn) return { verdict: 'unsupported', reason: report.noWayIn }
  if (!found && report?.gone) return { verdict: 'not-run', reason: `pod ${report.pod} ${report.gone}` }
  if (!found) {
    return {
      verdict: 'error',
      reason: report?.error ?? `the prober in ${planned.probe.pod} left this probe out`,
    }
  }
  return judgeOutcome(found, planned, prove)
}

function judgeOutcome(found: ProbeOutcome, { edge, target }: PlannedEdge, prove: () => Proof): Judgement {
  const time = `${Math.round(found.elapsedMs)} ms`
  switch (found.outcome) {
    case 'OK':
      return { verdict: 'allowed', reason: `${target?.resolutionOnly ? 'resolved' : 'answered'} in ${time}` }
    case 'DNS':
      return { verdict: 'dns-failure', reason: `the name does not resolve${withDetail(found)}` }
    case 'DNS-TIMEOUT':
      return { verdict: 'dns-failure', reason: `the DNS server does not answer${withDetail(found)}` }
    case 'UNREACHABLE':
      return { verdict: 'unreachable', reason: `no route or no such host${withDetail(found)}` }
    case 'UNSUPPORTED':
      return { verdict: 'unsupported', reason: found.detail.replace(/^UNSUPPORTED: /, '') }
    case 'OTHER':
      return { verdict: 'error', reason: found.detail || 'the prober gave no reason' }
    case 'TIMEOUT':
      return judgeSilence(edge, time, prove())
    case 'REFUSED':
    case 'RESET':
    case 'PROHIBITED':
      if (target?.service && target.listeners.length === 0) {
        return { verdict: 'refused', reason: 'the Service has no ready endpoint' }
      }
      return judgeRefusal(found.outcome, prove())
  }
}

function judgeSilence(edge: Edge, time: string, { state, how }: Proof): Judgement {
  if (edge.to.startsWith('dns:'))
    return { verdict: 'dns-failure', reason: `no answer from the DNS server in ${time}` }
  if (state === 'alive') return { verdict: 'dropped', reason: `no answer in ${time}, and ${how}` }
  return { verdict: 'unproven', reason: `no answer in ${time}, but ${how}` }
}

function judgeRefusal(outcome: Outcome, { state, how }: Proof): Judgement {
  const sign = signs[outcome]
  if (state === 'alive') return { verdict: 'rejected', reason: `${sign}, and ${how}` }
  // Only a filter says "prohibited"; but nothing shows that there was anything to be kept from.
  if (outcome === 'PROHIBITED') return { verdict: 'unproven', reason: `${sign}, but ${how}` }
  return { verdict: 'refused', reason: `${sign}: ${how}` }
}

const signs: Partial<Record<Outcome, string>> = {
  REFUSED: 'refused',
  RESET: 'reset',
  PROHIBITED: 'answered with ICMP prohibited',
}

/** All who may answer must be alive: a Service picks any of its endpoints. */
function proofFor(planned: PlannedEdge, round: Round): Proof {
  const { edge, target } = planned
  const listeners = target?.listeners ?? []
  const control = target ? round.answered.get(targetKey(edge, target.host)) : undefined
  const proofs = listeners.map((endpoint) => ownReport(endpoint, planned, round))
  const dead = proofs.find(({ state }) => state === 'dead')
  if (dead) return dead
  const unknown = proofs.find(({ state }) => state === 'unknown')
  if (proofs.length > 0 && !unknown) return proofs[0]!
  if (control) return { state: 'alive', how: `${control} was answered by it in the same round` }
  return unknown ?? { state: 'unknown', how: 'nothing shows that anybody listens there' }
}

function ownReport(endpoint: EndpointView, { edge }: PlannedEdge, { plan, byPod }: Round): Proof {
  const check = plan.listeners.get(listenerKey(endpoint, edge.protocol))
  const where = `${endpoint.pod ?? endpoint.address} ${edge.protocol}/${endpoint.port}`
  if (!check) return { state: 'unknown', how: `${where} cannot be asked whether it listens` }
  const report = byPod.get(check.pod)
  const [before, after] = [report?.outcomes.get(check.before), report?.outcomes.get(check.after)]
  if (!before || !after) {
    return {
      state: 'unknown',
      how: `${check.pod} did not report whether it listens${whyNot(report)}`,
    }
  }
  if (before.outcome === 'OK' && after.outcome === 'OK') {
    return { state: 'alive', how: `${where} answered its own pod before and after` }
  }
  const failed = before.outcome === 'OK' ? after : before
  return { state: 'dead', how: `nobody listens at ${where}: asked from inside, it is ${failed.outcome}` }
}

function whyNot(report: ProbeReport | undefined): string {
  if (report?.gone) return `: it ${report.gone}`
  const why = report?.noWayIn ?? report?.error
  return why ? ` (${why})` : ''
}

/** Targets that answered some source in this round. A Service's answer proves only one of its endpoints. */
function answeredTargets(plan: ProbePlan, byPod: Map<string, ProbeReport>): Map<string, string> {
  const answered = new Map<string, string>()
  for (const { edge, probe, target } of plan.edges) {
    const outcome = probe ? byPod.get(probe.pod)?.outcomes.get(probe.id)?.outcome : undefined
    if (outcome === 'OK' && target && !target.resolutionOnly)
      answered.set(targetKey(edge, target.host), edge.from)
  }
  for (const [key, probes] of plan.controls) {
    const control = probes.find(({ pod, id }) => byPod.get(pod)?.outcomes.get(id)?.outcome === 'OK')
    if (control && !answered.has(key)) answered.set(key, `the control pod ${control.pod}`)
  }
  return answered
}

function withDetail({ detail }: ProbeOutcome): string {
  return detail ? `: ${detail}` : ''
}
