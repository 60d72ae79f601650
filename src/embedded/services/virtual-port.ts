import type { KubernetesObject } from '../../kubernetes-object.ts'

/** One port of a Service's virtual address, and the ready endpoints behind it. */
export interface VirtualPort {
  /** `namespace/name:port`, for comments. */
  title: string
  address: string
  protocol: 'tcp' | 'udp' | 'sctp'
  port: number
  endpoints: { address: string; port: number }[]
}

interface ServicePort {
  name?: string
  port: number
  protocol?: string
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
      endpoints: slices.flatMap((slice) => endpointsOf(slice, port)),
    }
  })
}

/** A slice's port belongs to the Service's port of the same name; both may be unnamed. */
function endpointsOf(slice: KubernetesObject, wanted: ServicePort): VirtualPort['endpoints'] {
  if (slice.addressType !== 'IPv4') return []
  const matching = ((slice.ports ?? []) as ServicePort[]).filter(
    (port) =>
      (port.name ?? '') === (wanted.name ?? '') && (port.protocol ?? 'TCP') === (wanted.protocol ?? 'TCP'),
  )
  const ready = (
    (slice.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[]
  ).filter((endpoint) => endpoint.conditions?.ready !== false)
  return matching
    .flatMap(({ port }) => ready.flatMap(({ addresses }) => addresses.map((address) => ({ address, port }))))
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
