/** IP protocols by the names Calico and Kubernetes give them (IANA numbers). */
export const protocolNumbers = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132, UDPLite: 136 } as const

/** IP in IP, which no policy can name. */
export const ipInIp = 4

export type ProtocolName = keyof typeof protocolNumbers

/** Protocols whose ports a policy can name; UDPLite does not count in Calico. */
export const portProtocols: readonly number[] = [
  protocolNumbers.TCP,
  protocolNumbers.UDP,
  protocolNumbers.SCTP,
]

export function isProtocolName(name: unknown): name is ProtocolName {
  return typeof name === 'string' && Object.hasOwn(protocolNumbers, name)
}

/** The number of a protocol given by name, by number, or by a number written as text. */
export function protocolNumber(protocol: string | number): number {
  return isProtocolName(protocol) ? protocolNumbers[protocol] : Number(protocol)
}

export function protocolText(number: number): string {
  const known = Object.entries(protocolNumbers).find(([, value]) => value === number)
  return known ? known[0] : `protocol ${number}`
}
