/** An observed connection, or several alike: the edge, how much of it, and which policies decided. */
export interface Flow {
  /** `namespace/pod` (`namespace/web-7d4f-*` where a workload's pods are counted together), `node/NAME`, an address,
   * `networkset/NAME` or `net/pub`, `net/pvt`. */
  from: string
  to: string
  protocol: string
  port: number
  /** The Service that was dialled, where that is known: `namespace/name`. */
  service: string | null
  /** Where it was seen; null where all nodes are counted together. */
  node: string | null
  /** When it began, or was seen; ISO 8601. */
  at: string
  /** `flow-log`: all that happened, from the network itself. Samples: what stood at a moment; the rest was missed. */
  basis: 'flow-log' | 'conntrack-sample' | 'socket-sample'
  /** What became of it; samples show only what got through, or is still trying: null. */
  action: 'allow' | 'deny' | null
  /** The side that decided so; null for samples. */
  reporter: 'source' | 'destination' | null
  /** Null for samples. */
  counts: FlowCounts | null
  /** The policies that decided, in their order. Empty for samples. */
  enforced: PolicyHit[]
  /** Those that would have, if all staged policies were enforced. Empty for samples. */
  pending: PolicyHit[]
}

/** What is left out is not counted there: the embedded cluster counts connections as they begin, and no more. */
export interface FlowCounts {
  packetsIn?: number
  bytesIn?: number
  packetsOut?: number
  bytesOut?: number
  /** Or tried, where they are denied. */
  connectionsStarted: number
  connectionsCompleted?: number
  connectionsLive?: number
}

/** A policy, a profile or the end of a tier that a connection met. */
export interface PolicyHit {
  kind: string
  namespace: string | null
  name: string | null
  tier: string | null
  action: string
  /** The policy that made the end of a tier count. */
  trigger: { kind: string; namespace: string | null; name: string | null; tier: string | null } | null
}

export interface FlowOptions {
  /** How long to watch. Default 15,000. */
  durationMs?: number
  signal?: AbortSignal
  /** Told what a reader of the flows should know, such as why a better source is not used. */
  onNote?: (text: string) => void
}

/** Equal for flows that are the same edge, decided alike. */
export function flowKey(flow: Flow): string {
  const { from, to, protocol, port, service, basis, action, reporter, enforced, pending } = flow
  return JSON.stringify([from, to, protocol, port, service, basis, action, reporter, enforced, pending])
}
