import { isIP } from 'node:net'
import type { IpVersion } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

/** One port of a Service's virtual address of one family, and the endpoints of that family behind it. */
export interface VirtualPort {
  /** `namespace/name/protocol/port`, the end of its chains' names; the same for both families. */
  title: string
  family: IpVersion
  address: string
  /** Addresses that lead here from outside, should somebody route them to a node (`externalIPs`). */
  externalAddresses: string[]
  protocol: 'tcp' | 'udp' | 'sctp'
  port: number
  endpoints: Endpoint[]
  /** On every node's own addresses, for Services that have one. */
  nodePort?: number
  /** Traffic within the cluster, and traffic to the node port, stays on the node that it reaches. */
  isLocal: { internal: boolean; external: boolean }
  /** A client stays with one endpoint until it has made no connection for so long; null without session affinity. */
  affinitySeconds: number | null
}

export interface Endpoint {
  address: string
  port: number
  node?: string
}

interface ServicePort {
  name?: string
  port: number
  protocol?: string
  nodePort?: number
}

interface SliceEndpoint {
  addresses: string[]
  nodeName?: string
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
}

/** What a Service that says nothing else gives a client: three hours. */
const defaultAffinitySeconds = 10_800

/** The virtual ports of all Services that have a ClusterIP, one for each of its families, sorted by title. */
export function virtualPorts(services: KubernetesObject[], slices: KubernetesObject[]): VirtualPort[] {
  const byService = new Map<string, KubernetesObject[]>()
  for (const slice of slices)
    byService.set(serviceOf(slice), [...(byService.get(serviceOf(slice)) ?? []), slice])
  return services
    .flatMap((service) => {
      const own = byService.get(key(service.metadata.namespace, service.metadata.name)) ?? []
      return clusterAddresses(service).flatMap((address) => portsOf(service, address, own))
    })
    .sort((a, b) => compare(a.title, b.title) || a.family - b.family)
}

/** A Service's virtual addresses, at most one of each family; none where it is headless or an alias. */
function clusterAddresses({ spec }: KubernetesObject): string[] {
  const all: string[] = spec?.clusterIPs?.length ? spec.clusterIPs : [spec?.clusterIP ?? '']
  return all.filter((address) => isIP(address) !== 0)
}

function portsOf(service: KubernetesObject, address: string, slices: KubernetesObject[]): VirtualPort[] {
  const { metadata, spec } = service
  const family = isIP(address) as IpVersion
  const ofFamily = slices.filter(({ addressType }) => addressType === `IPv${family}`)
  return ((spec.ports ?? []) as ServicePort[]).map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as VirtualPort['protocol']
    return {
      title: `${metadata.namespace}/${metadata.name}/${protocol}/${port.port}`,
      family,
      address,
      externalAddresses: ((spec.externalIPs ?? []) as string[]).filter((one) => isIP(one) === family),
      protocol,
      port: port.port,
      endpoints: willing(ofFamily.flatMap((slice) => endpointsOf(slice, port))),
      ...(port.nodePort ? { nodePort: port.nodePort } : {}),
      isLocal: {
        internal: spec.internalTrafficPolicy === 'Local',
        external: spec.externalTrafficPolicy === 'Local',
      },
      affinitySeconds:
        spec.sessionAffinity === 'ClientIP'
          ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds)
          : null,
    }
  })
}

/** A slice's port belongs to the Service's port of the same name; both may be unnamed. */
function endpointsOf(slice: KubernetesObject, wanted: ServicePort): Candidate[] {
  const matching = ((slice.ports ?? []) as ServicePort[]).filter(
    (port) =>
      (port.name ?? '') === (wanted.name ?? '') && (port.protocol ?? 'TCP') === (wanted.protocol ?? 'TCP'),
  )
  return matching.flatMap(({ port }) =>
    ((slice.endpoints ?? []) as SliceEndpoint[]).flatMap(({ addresses, nodeName, conditions = {} }) =>
      addresses.map((address) => ({
        endpoint: { address, port, ...(nodeName ? { node: nodeName } : {}) },
        isReady: conditions.ready !== false,
        isLeaving: conditions.serving === true && conditions.terminating === true,
      })),
    ),
  )
}

interface Candidate {
  endpoint: Endpoint
  isReady: boolean
  /** On its way out, and still answering. */
  isLeaving: boolean
}

/** The ready ones; where there is none, those that are leaving and still answer (as kube-proxy since 1.28). */
function willing(candidates: Candidate[]): Endpoint[] {
  const ready = candidates.filter(({ isReady }) => isReady)
  const chosen = ready.length > 0 ? ready : candidates.filter(({ isLeaving }) => isLeaving)
  return chosen
    .map(({ endpoint }) => endpoint)
    .sort((a, b) => compare(a.address, b.address) || a.port - b.port)
}

function serviceOf(slice: KubernetesObject): string {
  return key(slice.metadata.namespace, slice.metadata.labels?.['kubernetes.io/service-name'] ?? '')
}

function key(namespace: string | undefined, name: string): string {
  return `${namespace}/${name}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
