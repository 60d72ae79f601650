import { isIP } from 'node:net'
import { parseAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

export const clusterDomain = 'cluster.local'
const reverseZones = { 4: 'in-addr.arpa', 6: 'ip6.arpa' } as const

/**
 * The zone file of the cluster's DNS, by the Kubernetes DNS specification 1.1.0: A, AAAA and SRV records of Services, a
 * headless Service's endpoints under its own name, PTR of ClusterIPs, CNAME of what an ExternalName Service stands for;
 * as in CoreDNS every endpoint under its hostname, with a PTR. `server` is the address of the DNS itself.
 */
export function renderZone(services: KubernetesObject[], slices: KubernetesObject[], server: string): string {
  const byService = new Map<string, KubernetesObject[]>()
  for (const slice of slices) {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name']}`
    byService.set(key, [...(byService.get(key) ?? []), slice])
  }
  const records = services.flatMap((service) =>
    recordsOf(service, byService.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? []),
  )
  const lines = [
    `zone ${clusterDomain}`,
    ...Object.values(reverseZones).map((zone) => `zone ${zone}`),
    addressRecord(`ns.dns.${clusterDomain}`, server),
    // Every namespace with a Service exists as a name; so do svc and pod below the domain.
    `exists svc.${clusterDomain}`,
    `exists pod.${clusterDomain}`,
    ...new Set(records.sort()),
  ]
  return `${lines.join('\n')}\n`
}

function recordsOf(service: KubernetesObject, slices: KubernetesObject[]): string[] {
  const { name, namespace } = service.metadata
  const domain = `${name}.${namespace}.svc.${clusterDomain}`
  const { clusterIP, clusterIPs = [clusterIP], externalName, ports = [] } = service.spec
  if (externalName) return [`CNAME ${domain} ${externalName.replace(/\.$/, '')}`]
  // While nobody is ready there is no such name.
  if (clusterIP === 'None') return headlessRecords(service, domain, slices)
  if (!clusterIP) return []
  return [
    ...readyEndpoints(service, slices).flatMap((endpoint) => endpointRecords(endpoint, domain)),
    ...clusterIPs.flatMap((address: string) => [
      addressRecord(domain, address),
      `PTR ${reverseName(address)} ${domain}`,
    ]),
    ...ports
      .filter((port: Port) => port.name)
      .map((port: Port) => `SRV ${srvName(port, domain)} ${port.port} ${domain}`),
  ]
}

function headlessRecords(service: KubernetesObject, domain: string, slices: KubernetesObject[]): string[] {
  return slices.flatMap((slice) =>
    readyEndpoints(service, [slice]).flatMap((endpoint) => [
      addressRecord(domain, endpoint.addresses[0]!),
      ...endpointRecords(endpoint, domain),
      ...(slice.ports ?? [])
        .filter((port: Port) => port.name)
        .map((port: Port) => `SRV ${srvName(port, domain)} ${port.port} ${hostOf(endpoint, domain)}`),
    ]),
  )
}

function readyEndpoints({ spec }: KubernetesObject, slices: KubernetesObject[]): Endpoint[] {
  const endpoints: Endpoint[] = slices.flatMap((slice) => slice.endpoints ?? [])
  return endpoints.filter(
    ({ conditions }) => spec.publishNotReadyAddresses === true || conditions?.ready !== false,
  )
}

function endpointRecords(endpoint: Endpoint, domain: string): string[] {
  const [address] = endpoint.addresses
  const host = hostOf(endpoint, domain)
  return [addressRecord(host, address!), `PTR ${reverseName(address!)} ${host}`]
}

function hostOf({ hostname, addresses }: Endpoint, domain: string): string {
  return `${hostname ?? addresses[0]!.replaceAll(/[.:]/g, '-')}.${domain}`
}

interface Port {
  name?: string
  protocol?: string
  port: number
}

interface Endpoint {
  addresses: string[]
  hostname?: string
  conditions?: { ready?: boolean }
}

function addressRecord(name: string, address: string): string {
  return `${isIP(address) === 6 ? 'AAAA' : 'A'} ${name} ${address}`
}

function srvName(port: Port, domain: string): string {
  return `_${port.name}._${(port.protocol ?? 'TCP').toLowerCase()}.${domain}`
}

/** Octets, or in IPv6 every hexadecimal digit, from the last to the first. */
function reverseName(text: string): string {
  const { version, value } = parseAddress(text)!
  const labels = version === 4 ? text.split('.') : [...value.toString(16).padStart(32, '0')]
  return `${labels.reverse().join('.')}.${reverseZones[version]}`
}
