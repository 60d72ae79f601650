import type { KubernetesObject } from '../../kubernetes-object.ts'

export const clusterDomain = 'cluster.local'
const reverseZone = 'in-addr.arpa'

/**
 * The zone file of the cluster's DNS, by the Kubernetes DNS specification 1.1.0: A and SRV records of Services, a
 * headless Service's endpoints under its own name and each under its hostname, PTR of ClusterIPs and of endpoints, CNAME
 * of what an ExternalName Service stands for.
 */
export function renderZone(services: KubernetesObject[], slices: KubernetesObject[]): string {
  const records = services.flatMap((service) => {
    const own = slices.filter(
      ({ metadata }) =>
        metadata.namespace === service.metadata.namespace &&
        metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
    )
    return recordsOf(service, own)
  })
  const lines = [
    `zone ${clusterDomain}`,
    `zone ${reverseZone}`,
    `A ns.dns.${clusterDomain} 10.96.0.10`,
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
  const { clusterIP, externalName, ports = [] } = service.spec
  if (externalName) return [`CNAME ${domain} ${externalName.replace(/\.$/, '')}`]
  if (clusterIP === 'None') return headlessRecords(domain, slices)
  if (!clusterIP) return []
  return [
    `A ${domain} ${clusterIP}`,
    `PTR ${reverseName(clusterIP)} ${domain}`,
    ...ports
      .filter((port: Port) => port.name)
      .map((port: Port) => `SRV ${srvName(port, domain)} ${port.port} ${domain}`),
  ]
}

function headlessRecords(domain: string, slices: KubernetesObject[]): string[] {
  return slices.flatMap((slice) =>
    (slice.endpoints ?? [])
      .filter((endpoint: Endpoint) => endpoint.conditions?.ready !== false)
      .flatMap((endpoint: Endpoint) => {
        const address = endpoint.addresses[0]!
        const host = `${endpoint.hostname ?? address.replaceAll('.', '-')}.${domain}`
        return [
          `A ${domain} ${address}`,
          `A ${host} ${address}`,
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

function srvName(port: Port, domain: string): string {
  return `_${port.name}._${(port.protocol ?? 'TCP').toLowerCase()}.${domain}`
}

function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.${reverseZone}`
}
