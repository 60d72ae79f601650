import type { IpVersion } from '../../cidr.ts'
import { type ProtocolName, protocolNumber, protocolNumbers } from '../protocol.ts'

/** A new connection (or first packet) that may or may not pass. */
export interface Flow {
  /** `namespace/pod` of the model, or an IP address. */
  source: string
  /** The same; what a Service sends to is one of its pods, with the target port and `viaService`. */
  destination: string
  /** `ICMP` by name is a ping of the flow's family: ICMPv6 between IPv6 addresses. */
  protocol: number | ProtocolName
  /** Destination port; 0 for a protocol without ports. */
  port: number
  /** Default: an ephemeral port. */
  sourcePort?: number
  /** Default: an echo request. */
  icmp?: { type: number; code: number }
  /** The destination was reached through a Service, so a pod talking to itself leaves its network namespace. */
  viaService?: boolean
  /** The port of a node through which the destination was reached, by a Service's nodePort. Implies `viaService`. */
  nodePort?: NodePort
  /** Default: the family of an address given, else the destination's first that the source has too. */
  ipVersion?: IpVersion
}

export interface NodePort {
  node: string
  port: number
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
  const isPing6 = flow.protocol === 'ICMP' && version === 6
  const protocol = isPing6 ? protocolNumbers.ICMPv6 : protocolNumber(flow.protocol)
  return { protocol, port, sourcePort, icmp }
}
