/** SCTP and ICMP carry no port of a listener that a TCP probe could check; both are kinds of an edge all the same. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP'

/**
 * One question: may `from` reach `to`?
 * `from` is `namespace/pod`. `to` is `namespace/pod`, `svc/namespace/name` (its ClusterIP), `name:NAME` (resolved
 * by the source, then connected to), `dns:NAME` (the resolution alone; protocol UDP, port 53), `node/NAME`, or an
 * address.
 */
export interface Edge {
  from: string
  to: string
  protocol: Protocol
  port: number
}

export type Verdict =
  | 'allowed'
  | 'dropped'
  | 'unproven'
  | 'flapping'
  | 'rejected'
  | 'refused'
  | 'unreachable'
  | 'dns-failure'
  | 'unsupported'
  | 'error'
  | 'not-run'

/** What a lab author may write: `allow` = allowed, `deny` = dropped or rejected, or a verdict by its name. */
export type Expectation = 'allow' | 'deny' | Verdict

export const verdicts: readonly Verdict[] = [
  'allowed',
  'dropped',
  'unproven',
  'flapping',
  'rejected',
  'refused',
  'unreachable',
  'dns-failure',
  'unsupported',
  'error',
  'not-run',
]

/** Whether a verdict is what was expected. */
export function meets(verdict: Verdict, expectation: Expectation): boolean {
  if (expectation === 'allow') return verdict === 'allowed'
  if (expectation === 'deny') return verdict === 'dropped' || verdict === 'rejected'
  return verdict === expectation
}

/** `shop/web -> shop/db TCP/5432`: the form in which every message and report names an edge. */
export function describeEdge(edge: Edge): string {
  return `${edge.from} -> ${edge.to} ${edge.protocol}/${edge.port}`
}

/** A key for maps; equal for equal edges. */
export function edgeKey(edge: Edge): string {
  return `${edge.from}|${edge.to}|${edge.protocol}|${edge.port}`
}
