import { isIP } from 'node:net'
import { formatAddress, type IpVersion, parseAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

/** A port of a node that leads to a pod on it, in one family. */
export interface HostPort {
  /** `namespace/name`. */
  pod: string
  node: string
  family: IpVersion
  /** The one address of the node that has the port; null: all of them. */
  hostIp: string | null
  protocol: 'tcp' | 'udp' | 'sctp'
  hostPort: number
  /** The pod's. */
  address: string
  containerPort: number
}

interface ContainerPort {
  containerPort: number
  hostPort?: number
  hostIP?: string
  protocol?: string
}

/** Whether a pod asks for ports of its node that are not its own already. */
export function asksForHostPorts({ spec }: KubernetesObject): boolean {
  return !spec?.hostNetwork && portsOf(spec).length > 0
}

/**
 * The host ports of all pods that have an address and have not ended, in the order of their rules: of two that fit a
 * packet, the one that names its address comes first.
 */
export function hostPorts(pods: KubernetesObject[]): HostPort[] {
  return pods
    .filter((pod) => asksForHostPorts(pod) && pod.spec.nodeName && !hasEnded(pod))
    .flatMap(({ metadata, spec, status }) =>
      ((status?.podIPs ?? []) as { ip: string }[]).flatMap(({ ip }) =>
        portsOf(spec)
          .filter(({ hostIP }) => !hostIP || parseAddress(hostIP)?.version === isIP(ip))
          .map((port) => ({
            pod: `${metadata.namespace}/${metadata.name}`,
            node: spec.nodeName as string,
            family: isIP(ip) as IpVersion,
            hostIp: specific(port.hostIP),
            protocol: (port.protocol ?? 'TCP').toLowerCase() as HostPort['protocol'],
            hostPort: port.hostPort!,
            address: ip,
            containerPort: port.containerPort,
          })),
      ),
    )
    .sort(
      (a, b) =>
        Number(a.hostIp === null) - Number(b.hostIp === null) ||
        a.hostPort - b.hostPort ||
        compare(keyOf(a), keyOf(b)),
    )
}

/** Those of containers alone: a kubelet forwards none for init containers, sidecars among them. */
function portsOf(spec: KubernetesObject['spec']): ContainerPort[] {
  return ((spec?.containers ?? []) as { ports?: ContainerPort[] }[])
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ hostPort }) => hostPort)
}

function hasEnded({ status }: KubernetesObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

/** Null for none, for `0.0.0.0` and for `::`. */
function specific(hostIp: string | undefined): string | null {
  const address = parseAddress(hostIp ?? '')
  return address && address.value !== 0n ? formatAddress(address) : null
}

function keyOf({ protocol, hostIp, pod, address }: HostPort): string {
  return `${protocol} ${hostIp} ${pod} ${address}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
