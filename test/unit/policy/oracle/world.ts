import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { isSix, within } from './bits.ts'

type Labels = Record<string, string>

/** Whatever can stand behind an address: a pod, a host endpoint, a network set. */
export interface Owner {
  type: 'pod' | 'host' | 'set'
  name: string
  namespace?: string
  node?: string
  labels: Labels
  namespaceLabels?: Labels
  serviceAccount?: string
  serviceAccountLabels?: Labels
  /** Of a host endpoint. */
  interfaceName?: string
  profiles?: string[]
  /** Addresses, or CIDRs of a set. */
  addresses: string[]
  ports: { name: string; protocol: string; number: number }[]
}

export interface World {
  owners: Owner[]
  /** Host-network pods, by `namespace/name`. */
  hosts: { id: string; node: string; addresses: string[] }[]
  nodes: { name: string; addresses: string[]; subnet: string; tunnel: string }[]
  pool?: { cidr: string; vxlanMode: string; natOutgoing: boolean }
  /** Endpoint tuples, by `namespace/service`. */
  services: Record<string, { address: string; protocol: string; port: number }[]>
  policies: KubernetesObject[]
  tiers: KubernetesObject[]
}

/** Reads objects one by one; expects them complete and valid. */
export function readWorld(objects: KubernetesObject[]): World {
  const world: World = { owners: [], hosts: [], nodes: [], services: {}, policies: [], tiers: [] }
  const labelsOf = (kind: string, namespace: string | undefined, name: string): Labels =>
    objects.find(
      (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
    )?.metadata.labels ?? {}
  for (const object of objects) {
    const { kind, metadata, spec } = object
    const { name, namespace, labels = {} } = metadata
    const namespaceLabels = namespace
      ? {
          ...labelsOf('Namespace', undefined, namespace),
          'kubernetes.io/metadata.name': namespace,
          'projectcalico.org/name': namespace,
        }
      : undefined
    if (kind === 'Pod' && spec.hostNetwork)
      world.hosts.push({ id: `${namespace}/${name}`, node: spec.nodeName, addresses: podAddresses(object) })
    else if (kind === 'Pod') {
      const account: string = spec.serviceAccountName
      world.owners.push({
        type: 'pod',
        name,
        namespace,
        node: spec.nodeName,
        labels,
        namespaceLabels,
        serviceAccount: account,
        serviceAccountLabels: {
          ...labelsOf('ServiceAccount', namespace, account),
          'projectcalico.org/name': account,
        },
        addresses: podAddresses(object),
        ports: spec.containers[0].ports.map(namedPort),
      })
    } else if (kind === 'HostEndpoint')
      world.owners.push({
        type: 'host',
        name,
        node: spec.node,
        labels,
        interfaceName: spec.interfaceName,
        profiles: spec.profiles,
        addresses: spec.expectedIPs ?? [],
        ports: (spec.ports ?? []).map(({ name, protocol, port }: Record<string, never>) => ({
          name,
          protocol,
          number: port,
        })),
      })
    else if (kind.endsWith('NetworkSet'))
      world.owners.push({
        type: 'set',
        name,
        namespace,
        labels,
        namespaceLabels,
        addresses: spec.nets,
        ports: [],
      })
    else if (kind === 'Node') world.nodes.push(nodeOf(object))
    else if (kind === 'IPPool') world.pool = spec
    else if (kind === 'EndpointSlice')
      world.services[`${namespace}/${labels['kubernetes.io/service-name']}`] = tuples(object)
    else if (kind === 'Tier') world.tiers.push(object)
    else if (kind.endsWith('Policy')) world.policies.push(object)
  }
  return world
}

/** Everything that stands behind an address. */
export function ownersOf(world: World, address: string): Owner[] {
  return world.owners.filter(({ addresses }) => addresses.some((one) => within(address, one)))
}

/** A label of an owner, with those that Calico adds. */
export function labelOf(owner: Owner, label: string): string | undefined {
  if (owner.type === 'pod') {
    if (label === 'projectcalico.org/orchestrator') return 'k8s'
    if (label === 'projectcalico.org/serviceaccount') return owner.serviceAccount
  }
  if (label === 'projectcalico.org/namespace' && owner.namespace) return owner.namespace
  if (label.startsWith('pcns.')) return owner.namespaceLabels?.[label.slice(5)]
  if (label.startsWith('pcsa.')) return owner.serviceAccountLabels?.[label.slice(5)]
  return owner.labels[label]
}

/** The address that a pod uses in one family. */
export function addressIn(addresses: string[], six: boolean): string {
  return addresses.find((address) => isSix(address) === six)!
}

function nodeOf({ metadata, status }: KubernetesObject): World['nodes'][number] {
  const annotations = metadata.annotations!
  return {
    name: metadata.name,
    addresses: status.addresses.map(({ address }: { address: string }) => address),
    subnet: annotations['projectcalico.org/IPv4Address']!,
    tunnel: annotations['projectcalico.org/IPv4VXLANTunnelAddr']!,
  }
}

function podAddresses({ status }: KubernetesObject): string[] {
  return status.podIPs.map(({ ip }: { ip: string }) => ip)
}

function namedPort({ name, protocol, containerPort }: Record<string, never>) {
  return { name, protocol, number: containerPort }
}

function tuples({ endpoints, ports }: KubernetesObject) {
  return endpoints.flatMap(({ addresses }: { addresses: string[] }) =>
    ports.map(({ protocol, port }: { protocol: string; port: number }) => ({
      address: addresses[0],
      protocol,
      port,
    })),
  )
}
