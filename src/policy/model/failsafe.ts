import { type Address, type Cidr, cidrContains, parseCidrOrAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { protocolNumber } from '../protocol.ts'
import type { Direction } from '../rules.ts'

/** Ports of hosts that no policy closes, so that nobody locks themselves out. */
export class Failsafe {
  private readonly ports: Record<Direction, FailsafePort[]>

  /** As FelixConfiguration `default` says; for each list that it does not have, as Felix has it built in. */
  constructor(objects: KubernetesObject[]) {
    const settings = objects.find(
      ({ kind, metadata }) => kind === 'FelixConfiguration' && metadata.name === 'default',
    )?.spec
    this.ports = {
      ingress: settings?.failsafeInboundHostPorts?.map(portOf) ?? builtIn.ingress,
      egress: settings?.failsafeOutboundHostPorts?.map(portOf) ?? builtIn.egress,
    }
  }

  /** Whether a host takes (ingress) or makes (egress) a connection whatever its policies say. `peer` is the other end. */
  covers(direction: Direction, flow: { protocol: number; port: number; peer: Address | null }): boolean {
    const { protocol, port, peer } = flow
    return this.ports[direction].some(
      (one) =>
        one.protocol === protocol &&
        one.port === port &&
        (one.net === null || (peer !== null && cidrContains(one.net, peer))),
    )
  }

  /** The numbers of a protocol that are in some list. */
  numbers(protocol: number): number[] {
    return [...this.ports.ingress, ...this.ports.egress]
      .filter((one) => one.protocol === protocol)
      .map(({ port }) => port)
  }

  list(direction: Direction): readonly FailsafePort[] {
    return this.ports[direction]
  }
}

export interface FailsafePort {
  protocol: number
  port: number
  /** Null for every address. */
  net: Cidr | null
}

interface ProtocolPort {
  protocol?: string
  port: number
  net?: string
}

/** The object writes `tcp` where policies write `TCP`. */
function portOf({ protocol = 'TCP', port, net }: ProtocolPort): FailsafePort {
  return { protocol: protocolNumber(protocol.toUpperCase()), port, net: net ? parseCidrOrAddress(net) : null }
}

function tcp(...ports: number[]): FailsafePort[] {
  return ports.map((port) => portOf({ protocol: 'TCP', port }))
}

function udp(...ports: number[]): FailsafePort[] {
  return ports.map((port) => portOf({ protocol: 'UDP', port }))
}

const common = [179, 2379, 2380, 5473, 6443, 6666, 6667]

/** felix/config/config_params.go: SSH, BGP, etcd, Typha, the API server; DHCP; DNS on the way out. */
const builtIn: Record<Direction, FailsafePort[]> = {
  ingress: [...tcp(22, ...common), ...udp(68)],
  egress: [...udp(53, 67), ...tcp(...common)],
}
