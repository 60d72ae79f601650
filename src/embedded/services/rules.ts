import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes-object.ts'

/** One port of a Service that has a ClusterIP, and where it leads. */
export interface ServicePort {
  /** `namespace/name`. */
  service: string
  portName: string
  clusterIp: string
  protocol: 'tcp' | 'udp' | 'sctp'
  port: number
  /** Ready endpoints, sorted. */
  endpoints: { address: string; port: number }[]
}

/** What Services and EndpointSlices come down to. Headless Services and those of other types have no rules. */
export function servicePorts(services: KubernetesObject[], slices: KubernetesObject[]): ServicePort[] {
  return services
    .filter(({ spec }) => spec.clusterIP && spec.clusterIP !== 'None')
    .flatMap((service) => {
      const own = slices.filter(
        ({ metadata }) =>
          metadata.namespace === service.metadata.namespace &&
          metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
      )
      return (service.spec.ports ?? []).map((port: ServiceSpecPort) => servicePort(service, port, own))
    })
    .sort((one, other) => (chainName(one) < chainName(other) ? -1 : 1))
}

/**
 * kube-proxy's nftables shape: one map from (ClusterIP, protocol, port) to a chain per Service port, which picks an
 * endpoint at random; a ClusterIP port without endpoints is rejected; a pod that reaches itself is masqueraded.
 */
export function renderServices(ports: ServicePort[]): string {
  const served = ports.filter(({ endpoints }) => endpoints.length > 0)
  const unserved = ports.filter(({ endpoints }) => endpoints.length === 0)
  return `table ip kube-proxy
delete table ip kube-proxy
table ip kube-proxy {
  map service-ips {
    type ipv4_addr . inet_proto . inet_service : verdict
${elements(served.map((port) => `${key(port)} : goto ${chainName(port)}`))}  }
  map no-endpoint-services {
    type ipv4_addr . inet_proto . inet_service : verdict
${elements(unserved.map((port) => `${key(port)} : goto reject-chain`))}  }
  chain reject-chain {
    reject
  }
  chain mark-for-masquerade {
    meta mark set meta mark | 0x4000
  }
${served.map(renderPort).join('')}  chain services {
    ip daddr . meta l4proto . th dport vmap @service-ips
  }
  chain service-endpoints-check {
    ip daddr . meta l4proto . th dport vmap @no-endpoint-services
  }
  chain nat-prerouting {
    type nat hook prerouting priority -100; policy accept;
    jump services
  }
  chain nat-output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority 100; policy accept;
    meta mark & 0x4000 == 0 return
    meta mark set meta mark ^ 0x4000
    masquerade
  }
  chain filter-forward {
    type filter hook forward priority -110; policy accept;
    ct state new jump service-endpoints-check
  }
  chain filter-output {
    type filter hook output priority -110; policy accept;
    ct state new jump service-endpoints-check
  }
}
`
}

interface ServiceSpecPort {
  name?: string
  protocol?: string
  port: number
}

function servicePort(
  service: KubernetesObject,
  port: ServiceSpecPort,
  slices: KubernetesObject[],
): ServicePort {
  const portName = port.name ?? ''
  const protocol = port.protocol ?? 'TCP'
  const endpoints = slices.flatMap((slice) => {
    const target = (slice.ports ?? []).find(
      (each: { name?: string; protocol?: string }) =>
        (each.name ?? '') === portName && (each.protocol ?? 'TCP') === protocol,
    )
    const ready = (slice.endpoints ?? []).filter((each: Endpoint) => each.conditions?.ready !== false)
    return target ? ready.map((each: Endpoint) => ({ address: each.addresses[0]!, port: target.port })) : []
  })
  return {
    service: `${service.metadata.namespace}/${service.metadata.name}`,
    portName,
    clusterIp: service.spec.clusterIP,
    protocol: protocol.toLowerCase() as ServicePort['protocol'],
    port: port.port,
    endpoints: endpoints.sort((one, other) => (one.address < other.address ? -1 : 1)),
  }
}

interface Endpoint {
  addresses: string[]
  conditions?: { ready?: boolean }
}

function renderPort(port: ServicePort): string {
  const chains = port.endpoints.map((endpoint) => ({
    name: `endpoint-${hash(`${chainName(port)}${endpoint.address}`)}-${tail(port)}__${endpoint.address}/${endpoint.port}`,
    ...endpoint,
  }))
  const picks = chains.map(({ name }, index) => `${index} : goto ${name}`).join(', ')
  return `${chains
    .map(
      ({ name, address, port: endpointPort }) => `  chain ${name} {
    ip saddr ${address} jump mark-for-masquerade
    meta l4proto ${port.protocol} dnat to ${address}:${endpointPort}
  }
`,
    )
    .join('')}  chain ${chainName(port)} {
    numgen random mod ${chains.length} vmap { ${picks} }
  }
`
}

function key({ clusterIp, protocol, port }: ServicePort): string {
  return `${clusterIp} . ${protocol} . ${port}`
}

function chainName(port: ServicePort): string {
  return `service-${hash(tail(port))}-${tail(port)}`
}

/** Chain names end at 128 characters: the hash before it keeps them apart. */
function tail({ service, protocol, portName, port }: ServicePort): string {
  return `${service}/${protocol}/${portName || port}`.slice(0, 80)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase()
}

function elements(list: string[]): string {
  return list.length === 0 ? '' : `    elements = {\n      ${list.join(',\n      ')}\n    }\n`
}
