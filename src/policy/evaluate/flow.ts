import type { IpVersion } from '../../cidr.ts'
import { type ProtocolName, protocolNumber } from '../protocol.ts'

/** A new connection (or first packet) that may or may not pass. */
export interface Flow {
  /** `namespace/pod` of the model, or an IP address. */
  source: string
  /** The same; what a Service sends to is one of its pods, with the target port and `viaService`. */
  destination: string
  protocol: number | ProtocolName
  /** Destination port; 0 for a protocol without ports. */
  port: number
  /** Default: an ephemeral port. */
  sourcePort?: number
  /** Default: an echo request. */
  icmp?: { type: number; code: number }
  /** The destination was reached through a Service, so a pod talking to itself leaves its network namespace. */
  viaService?: boolean
  /** Default: the family of an address given, else the destination's first that the source has too. */
  ipVersion?: IpVersion
}

/** First of the ports that IANA calls dynamic. */
const ephemeralPort = 49152

/** The parts of a flow that rules match, in numbers. */
export interface Packet {
  protocol: number
  port: number
  sourcePort: number
  icmp: { type: number; code: number }
}

export function packetOf(flow: Flow, version: IpVersion): Packet {
  const echo = { type: version === 4 ? 8 : 128, code: 0 }
  const { port, sourcePort = ephemeralPort, icmp = echo } = flow
  return { protocol: protocolNumber(flow.protocol), port, sourcePort, icmp }
}
