import { isIP } from 'node:net'
import { parseAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

export const clusterDomain = 'cluster.local'
const reverseZones = { 4: 'in-addr.arpa', 6: 'ip6.arpa' } as const

/**
 * The zone file of the cluster's DNS, by the Kubernetes DNS specification 1.1.0: A, AAAA and SRV records of Services, a
 * headless Service's endpoints under its own name and each under its hostname, PTR of ClusterIPs and of endpoints, CNAME
 * of what an ExternalName Service stands for. `server` is the address of the DNS itself.
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
  // Its name exists even while nobody is ready.
  if (clusterIP === 'None') return [`exists ${domain}`, ...headlessRecords(service, domain, slices)]
  if (!clusterIP) return []
  return [
    ...clusterIPs.flatMap((address: string) => [
      addressRecord(domain, address),
      `PTR ${reverseName(address)} ${domain}`,
    ]),
    ...ports
      .filter((port: Port) => port.name)
      .map((port: Port) => `SRV ${srvName(port, domain)} ${port.port} ${domain}`),
  ]
}

function headlessRecords({ spec }: KubernetesObject, domain: string, slices: KubernetesObject[]): string[] {
  return slices.flatMap((slice) =>
    (slice.endpoints ?? [])
      .filter(
        (endpoint: Endpoint) =>
          spec.publishNotReadyAddresses === true || endpoint.conditions?.ready !== false,
      )
      .flatMap((endpoint: Endpoint) => {
        const address = endpoint.addresses[0]!
        const host = `${endpoint.hostname ?? address.replaceAll(/[.:]/g, '-')}.${domain}`
        return [
          addressRecord(domain, address),
          addressRecord(host, address),
          `PTR ${reverseName(address)} ${host}`,
          ...(slice.ports ?? [])
            .filter((port: Port) => port.name)
            .map((port: Port) => `SRV ${srvName(port, domain)} ${port.port} ${host}`),
        ]
      }),
  )
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
