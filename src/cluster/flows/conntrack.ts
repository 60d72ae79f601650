import { formatAddress, parseAddress } from '../../cidr.ts'

/** A connection as the kernel tracks it: who dialled what, and who answered. */
export interface TrackedConnection {
  protocol: string
  source: string
  /** What was dialled: an address, or a Service's. */
  dialled: string
  /** Who answers there, after translation. */
  destination: string
  port: number
}

/** Reads /proc/net/nf_conntrack or `conntrack -L`, whose lines differ only in their first words. Pure. */
export function parseConntrack(text: string): TrackedConnection[] {
  return text.split('\n').flatMap((line) => {
    const [, protocol] = /(?:^|\s)(tcp|udp|sctp|icmp)(?:v6)?\s/.exec(line) ?? []
    const sources = values(line, 'src').map(canonical)
    const destinations = values(line, 'dst').map(canonical)
    const [source, destination, dialled] = [sources[0], sources[1], destinations[0]]
    if (!protocol || !source || !destination || !dialled) return []
    // The reply comes from the port that was reached.
    const port = Number(values(line, 'sport')[1] ?? 0)
    return [{ protocol: protocol.toUpperCase(), source, dialled, destination, port }]
  })
}

/** The kernel writes every digit of an IPv6 address. */
function canonical(text: string): string {
  const address = parseAddress(text)
  return address ? formatAddress(address) : text
}

function values(line: string, key: string): string[] {
  return [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, 'g'))].map(([, value]) => value!)
}
