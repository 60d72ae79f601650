/** One question put to the running cluster. */
export interface Probe {
  /** `namespace/pod`. */
  from: string
  kind: 'tcp' | 'udp' | 'icmp'
  address: string
  port: number
}

export interface Outcome {
  verdict: 'allowed' | 'denied' | 'failed'
  /** What the prober said. */
  text: string
}

/** The plan of one source's probes, as the pod agent reads it. */
export function probesOf(probes: Probe[], timeoutMs: number): string {
  return probes
    .map(({ kind, address, port }, index) => [index, 1, kind, address, port, timeoutMs].join('\t'))
    .map((line) => `${line}\n`)
    .join('')
}

/**
 * Every listener lives and every address exists, so silence is a drop, and anything else is neither; but for EPERM, by
 * which the kernel tells a process of a node that its packet was dropped on the way out.
 */
export function readOutcomes(text: string, count: number): Outcome[] {
  const outcomes: Outcome[] = []
  for (const line of text.trim().split('\n')) {
    const [id, outcome, , detail] = line.split('\t')
    const dropped = outcome === 'TIMEOUT' || detail === 'Operation not permitted'
    const verdict = outcome === 'OK' ? 'allowed' : dropped ? 'denied' : 'failed'
    outcomes[Number(id)] = { verdict, text: `${outcome} ${detail ?? ''}`.trim() }
  }
  const missing: Outcome = { verdict: 'failed', text: 'the prober said nothing of it' }
  return Array.from({ length: count }, (_, index) => outcomes[index] ?? missing)
}
