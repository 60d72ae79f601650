import { isIP } from 'node:net'
import type { IpVersion } from '../cidr.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'

export interface ServiceView {
  namespace: string
  name: string
  /** In the view's family, or its first; null for a headless Service, and where it has none there. */
  clusterIp: string | null
  isHeadless: boolean
  /** Of its endpoints: the view's family, or its first. */
  family: IpVersion
  /** Whether what comes to a node's port stays on that node (`externalTrafficPolicy: Local`). */
  isNodeLocal: boolean
  externalName: string | null
  /** Ready endpoints behind a port of the Service, by its number, of the family of its address. */
  endpoints(protocol: string, port: number): EndpointView[]
  hasPort(protocol: string, port: number): boolean
}

export interface EndpointView {
  address: string
  port: number
  /** `namespace/pod`, null where the endpoint is no pod. */
  pod: string | null
  node?: string
}

/** As `spec.ports` of a Service has it. */
export interface ServicePort {
  name?: string
  protocol?: string
  port: number
  nodePort?: number
}

export function serviceView(
  service: KubernetesObject,
  slices: KubernetesObject[],
  version: IpVersion | null,
): ServiceView {
  const { namespace = 'default', name } = service.metadata
  const ports = (service.spec?.ports ?? []) as ServicePort[]
  const own = slices.filter(
    (slice) =>
      slice.metadata.namespace === namespace &&
      slice.metadata.labels?.['kubernetes.io/service-name'] === name,
  )
  const { clusterIP, clusterIPs = clusterIP ? [clusterIP] : [], ipFamilies = ['IPv4'] } = service.spec ?? {}
  const isHeadless = clusterIP === 'None'
  const clusterIp = isHeadless ? null : ofVersion(clusterIPs, version)
  const family = version ?? (Number(ipFamilies[0].slice(-1)) as IpVersion)
  const addresses = own.filter(({ addressType }) => (addressType ?? 'IPv4') === `IPv${family}`)
  const find = (protocol: string, port: number) =>
    ports.find((one) => one.port === port && (one.protocol ?? 'TCP') === protocol)
  return {
    namespace,
    name,
    clusterIp,
    isHeadless,
    family,
    isNodeLocal: service.spec?.externalTrafficPolicy === 'Local',
    externalName: service.spec?.type === 'ExternalName' ? service.spec.externalName : null,
    hasPort: (protocol, port) => find(protocol, port) !== undefined,
    endpoints(protocol, port) {
      // A headless Service translates nothing: its name leads to the pods, at whatever port is dialled.
      if (isHeadless) return addresses.flatMap(readyAddresses).map((endpoint) => ({ ...endpoint, port }))
      const wanted = find(protocol, port)
      return wanted ? addresses.flatMap((slice) => endpointsOf(slice, wanted.name ?? '', protocol)) : []
    },
  }
}

/** The first of a family, or of all. */
export function ofVersion(addresses: string[], version: IpVersion | null): string | null {
  return addresses.find((address) => version === null || isIP(address) === version) ?? null
}

interface SlicePort {
  name?: string
  port?: number
  protocol?: string
}

function endpointsOf(slice: KubernetesObject, portName: string, protocol: string): EndpointView[] {
  const ports = ((slice.ports ?? []) as SlicePort[]).filter(
    (port) => (port.name ?? '') === portName && (port.protocol ?? 'TCP') === protocol && port.port,
  )
  return readyAddresses(slice).flatMap((endpoint) => ports.map((port) => ({ ...endpoint, port: port.port! })))
}

function readyAddresses(slice: KubernetesObject): Omit<EndpointView, 'port'>[] {
  const ready = ((slice.endpoints ?? []) as EndpointEntry[]).filter(
    ({ conditions }) => conditions?.ready !== false,
  )
  return ready.flatMap(({ addresses, nodeName, targetRef }) =>
    addresses.map((address) => ({
      address,
      ...(nodeName && { node: nodeName }),
      pod: targetRef?.kind === 'Pod' ? `${targetRef.namespace}/${targetRef.name}` : null,
    })),
  )
}

interface EndpointEntry {
  addresses: string[]
  nodeName?: string
  conditions?: { ready?: boolean }
  targetRef?: { kind: string; namespace: string; name: string }
}
