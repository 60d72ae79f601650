import type { ClusterView, PodView } from './cluster-view.ts'
import { type Edge, edgeKey, type Protocol } from './edge.ts'
import type { EndpointView } from './service-view.ts'
import { findTarget, type Target } from './targets.ts'

/** One round of probing as data: which pod sends what, and what each answer is the answer to. */
export interface ProbePlan {
  /** One exec each. */
  pods: PodPlan[]
  edges: PlannedEdge[]
  /** What pods ask of themselves: their own listener, before and after the edges are probed. By `listenerKey`. */
  listeners: Map<string, ListenerCheck>
  /** Probes of control pods, by `targetKey`: their being answered proves a listener that cannot report. */
  controls: Map<string, { pod: string; id: string }[]>
}

export interface PodPlan {
  pod: PodView
  /** False for a pod that only reports on its own listeners: if it cannot, that is no error. */
  isSource: boolean
  probes: Probe[]
}

/** A phase begins when the one before it has ended; the probes of a phase race. */
export interface Probe {
  id: string
  phase: 1 | 2 | 3
  kind: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'dns'
  host: string
  port: number
  timeoutMs: number
  /** Whether no answer is foreseen. Whoever gets none waits for all of the timeout. */
  silent?: boolean
  /** How long the look-up of a name may take that is foreseen to resolve, before `timeoutMs` begins; of silent ones alone. */
  nameTimeoutMs?: number
}

export interface PlannedEdge {
  edge: Edge
  /** Null where there is nothing to probe; `obstacle` says why. */
  probe: { pod: string; id: string } | null
  target: Target | null
  obstacle: { verdict: 'not-run' | 'unsupported'; reason: string } | null
}

export interface ListenerCheck {
  pod: string
  before: string
  after: string
}

export interface PlanRequest {
  view: ClusterView
  edges: Edge[]
  timeoutMs: number
  /** How long whoever is foreseen to be answered waits, which a busy machine may need; default: `timeoutMs`. */
  answerTimeoutMs?: number
  /** What the cluster carries; an edge of another protocol is `unsupported`. */
  protocols: string[]
  /** Where silence is, a probe is asked first: its timeout passes while the others are asked. */
  foreseen?: (edge: Edge) => Foreseen
}

/** What comes back, as far as it is foreseen. */
export type Foreseen = 'answer' | 'silence' | null

/**
 * Plans one round. Every source is asked once. A destination that shares a namespace with a source, runs an image that
 * is known to have a prober, or says so by a label, is asked for its own listeners even if it is no source.
 */
export function planProbes(request: PlanRequest): ProbePlan {
  const { view, edges, timeoutMs, answerTimeoutMs = timeoutMs, protocols, foreseen = () => null } = request
  const isSilent = (edge: Edge) => foreseen(edge) === 'silence'
  const pods = new Map<string, PodPlan>()
  const planOf = (pod: PodView, isSource: boolean): PodPlan => {
    const plan = pods.get(pod.ref) ?? { pod, isSource, probes: [] }
    plan.isSource ||= isSource
    pods.set(pod.ref, plan)
    return plan
  }
  const inOrder = [...edges.filter(isSilent), ...edges.filter((edge) => !isSilent(edge))]
  const planned = distinct(inOrder).map((edge): PlannedEdge => {
    const source = view.pod(edge.from)
    const target = findTarget(view, edge, source)
    const obstacle = findObstacle({ edge, source, target, protocols })
    if (obstacle || !source || typeof target === 'string') {
      return { edge, probe: null, target: null, obstacle }
    }
    const kind = target.resolutionOnly ? 'dns' : kinds[edge.protocol]
    const plan = planOf(source, true)
    const { host, port } = target
    const patience = patienceFor(target, foreseen(edge) === 'answer' ? answerTimeoutMs : timeoutMs)
    const silent = isSilent(edge)
    const id = add(plan, {
      ...{ phase: 2, kind, host, port, timeoutMs: patience, silent },
      ...(silent && target.byName && { nameTimeoutMs: answerTimeoutMs }),
    })
    return { edge, probe: { pod: source.ref, id }, target, obstacle: null }
  })
  // Of itself a pod hears, or is refused.
  const listeners = planListeners(view, { planned, pods, planOf, timeoutMs: answerTimeoutMs })
  const controls = planControls(view, { planned, listeners, timeoutMs, planOf })
  return { pods: [...pods.values()], edges: planned, listeners, controls }
}

/** Pods with this label are under no policy of a lab: what they cannot reach is not there. */
export const controlLabel = 'ztlab.dev/control'

/** Pods with this label can be asked for their own listeners, whatever their image is called. */
export const proberLabel = 'ztlab.dev/prober'

export function targetKey(edge: Edge, host: string): string {
  return `${host}|${edge.protocol}|${edge.port}`
}

export function listenerKey(endpoint: EndpointView, protocol: Protocol): string {
  return `${endpoint.pod}|${protocol}|${endpoint.port}`
}

const kinds: Record<Protocol, Probe['kind']> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp', ICMP: 'icmp' }

type PlanOf = (pod: PodView, isSource: boolean) => PodPlan

/**
 * A node refuses in the name of a Service without endpoints, by ICMP. The source's kernel drops that answer where it
 * comes while the connecting socket is locked, as tcp_v4_err does, and hears it after the SYN's repetition, 1 s later.
 */
const hollowTimeoutMs = 1250

function patienceFor({ service, listeners }: Target, timeoutMs: number): number {
  return service && listeners.length === 0 ? Math.max(timeoutMs, hollowTimeoutMs) : timeoutMs
}

function planListeners(
  view: ClusterView,
  asked: { planned: PlannedEdge[]; pods: Map<string, PodPlan>; planOf: PlanOf; timeoutMs: number },
): Map<string, ListenerCheck> {
  const { planned, pods, planOf, timeoutMs } = asked
  const sourceNamespaces = new Set([...pods.values()].map(({ pod }) => pod.namespace))
  const listeners = new Map<string, ListenerCheck>()
  for (const { edge, target } of planned) {
    for (const endpoint of target?.listeners ?? []) {
      const pod = endpoint.pod ? view.pod(endpoint.pod) : null
      const key = listenerKey(endpoint, edge.protocol)
      if (!pod || listeners.has(key) || !(pods.has(pod.ref) || canReport(pod, sourceNamespaces))) continue
      const plan = planOf(pod, false)
      const check = { kind: kinds[edge.protocol], host: endpoint.address, port: endpoint.port, timeoutMs }
      const [before, after] = [add(plan, { ...check, phase: 1 }), add(plan, { ...check, phase: 3 })]
      listeners.set(key, { pod: pod.ref, before, after })
    }
  }
  return listeners
}

/** For destinations that nobody can ask from inside. */
function planControls(
  view: ClusterView,
  asked: { planned: PlannedEdge[]; listeners: Map<string, ListenerCheck>; timeoutMs: number; planOf: PlanOf },
): ProbePlan['controls'] {
  const controls: ProbePlan['controls'] = new Map()
  const pods = view.pods.filter((pod) => pod.running && pod.labels[controlLabel] === 'true')
  for (const { edge, target } of asked.planned) {
    if (!target || target.byName || controls.has(targetKey(edge, target.host))) continue
    const reports = target.listeners.map((endpoint) =>
      asked.listeners.has(listenerKey(endpoint, edge.protocol)),
    )
    if (reports.length > 0 && reports.every(Boolean)) continue
    const { host, port } = target
    const probe = { phase: 2 as const, kind: kinds[edge.protocol], host, port, timeoutMs: asked.timeoutMs }
    controls.set(
      targetKey(edge, host),
      pods.map((pod) => ({ pod: pod.ref, id: add(asked.planOf(pod, false), probe) })),
    )
  }
  return controls
}

function add(plan: PodPlan, probe: Omit<Probe, 'id'>): string {
  const id = `p${plan.probes.length + 1}`
  plan.probes.push({ id, ...probe })
  return id
}

function distinct(edges: Edge[]): Edge[] {
  return [...new Map(edges.map((edge) => [edgeKey(edge), edge])).values()]
}

function findObstacle(asked: {
  edge: Edge
  source: PodView | null
  target: Target | string
  protocols: string[]
}): PlannedEdge['obstacle'] {
  const { edge, source, target, protocols } = asked
  if (!protocols.includes(edge.protocol)) {
    return {
      verdict: 'unsupported',
      reason: `this cluster cannot be probed by ${edge.protocol}, only by ${protocols.join(', ')}`,
    }
  }
  if (!source) return { verdict: 'not-run', reason: `there is no pod ${edge.from}` }
  if (!source.running) {
    return { verdict: 'not-run', reason: `pod ${source.ref} is not running but ${source.phase}` }
  }
  return typeof target === 'string' ? { verdict: 'not-run', reason: target } : null
}

function canReport(pod: PodView, sourceNamespaces: Set<string>): boolean {
  const hasProber = pod.images.some((image) => /(^|\/)(agnhost|busybox)([:@]|$)/.test(image))
  const isMarked = pod.labels[proberLabel] === 'true'
  return pod.running && (hasProber || isMarked || sourceNamespaces.has(pod.namespace))
}
