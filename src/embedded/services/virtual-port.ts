import type { KubernetesObject } from '../../kubernetes-object.ts'

/** One port of a Service's virtual address, and the ready endpoints behind it. */
export interface VirtualPort {
  /** `namespace/name:port`, for comments. */
  title: string
  address: string
  protocol: 'tcp' | 'udp' | 'sctp'
  port: number
  endpoints: Endpoint[]
  /** On every node's own addresses, for Services that have one. */
  nodePort?: number
  /** Traffic within the cluster, and traffic to the node port, stays on the node that it reaches. */
  isLocal: { internal: boolean; external: boolean }
  /** A client stays with one endpoint. */
  isSticky: boolean
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

/** The virtual ports of all Services that have a ClusterIP of IPv4, sorted by title. */
export function virtualPorts(services: KubernetesObject[], slices: KubernetesObject[]): VirtualPort[] {
  const byService = new Map<string, KubernetesObject[]>()
  for (const slice of slices)
    byService.set(serviceOf(slice), [...(byService.get(serviceOf(slice)) ?? []), slice])
  return services
    .filter((service) => isIpv4(service.spec?.clusterIP))
    .flatMap((service) =>
      portsOf(service, byService.get(key(service.metadata.namespace, service.metadata.name)) ?? []),
    )
    .sort((a, b) => compare(a.title, b.title))
}

function portsOf(service: KubernetesObject, slices: KubernetesObject[]): VirtualPort[] {
  const { namespace, name } = service.metadata
  return ((service.spec.ports ?? []) as ServicePort[]).map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as VirtualPort['protocol']
    return {
      title: `${namespace}/${name}:${protocol}/${port.port}`,
      address: service.spec.clusterIP as string,
      protocol,
      port: port.port,
      endpoints: willing(slices.flatMap((slice) => endpointsOf(slice, port))),
      ...(port.nodePort ? { nodePort: port.nodePort } : {}),
      isLocal: {
        internal: service.spec.internalTrafficPolicy === 'Local',
        external: service.spec.externalTrafficPolicy === 'Local',
      },
      isSticky: service.spec.sessionAffinity === 'ClientIP',
    }
  })
}

/** A slice's port belongs to the Service's port of the same name; both may be unnamed. */
function endpointsOf(slice: KubernetesObject, wanted: ServicePort): Candidate[] {
  if (slice.addressType !== 'IPv4') return []
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

function isIpv4(address: unknown): boolean {
  return typeof address === 'string' && address !== 'None' && address.includes('.')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
