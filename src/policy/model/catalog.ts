import { type Address, type Cidr, formatAddress, parseAddress, parseCidrOrAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { protocolNumber } from '../protocol.ts'
import type { Labels, Selector } from '../selector.ts'
import { addressText, type Endpoint, type LabelClass, type NamedPort } from './endpoint.ts'
import { LabelIndex } from './label-index.ts'
import { LabelSource } from './label-source.ts'
import { Nodes } from './nodes.ts'

/** A pod that shares its node's network: no policy selects it, its address is the node's. */
export interface HostPod {
  id: string
  node: string
  addresses: Address[]
}

export interface NetworkSet {
  labelClass: LabelClass
  nets: Cidr[]
}

/** A HostEndpoint: which interface of its node it stands for. */
export interface HostInterface {
  endpoint: Endpoint
  /** `*` for every interface, '' where only addresses tell. */
  name: string
}

export interface ServiceMember {
  address: string
  protocol: number
  port: number
}

/** Everything of a cluster that policies can select or name. */
export class Catalog {
  readonly endpoints: Endpoint[] = []
  readonly classes: LabelClass[] = []
  readonly networkSets: NetworkSet[] = []
  readonly hostPods = new Map<string, HostPod>()
  readonly hostInterfaces: HostInterface[] = []
  readonly nodes: Nodes
  /** Namespaces and ServiceAccounts that are named and not given. */
  readonly labelSource: LabelSource
  private readonly index = new LabelIndex(this.classes)
  private readonly pods = new Map<string, Endpoint>()
  private readonly owners = new Map<string, Endpoint[]>()
  private readonly classByKey = new Map<string, LabelClass>()
  private readonly services = new Map<string, ServiceMember[]>()
  private portOwners: Map<string, Endpoint[]> | undefined

  /** `encapsulated` overrules what IPPools say. */
  constructor(objects: KubernetesObject[], encapsulated?: boolean) {
    this.labelSource = new LabelSource(objects)
    this.nodes = new Nodes(encapsulated)
    const add: Record<string, (object: KubernetesObject) => void> = {
      'v1 Pod': (object) => this.addPod(object),
      'v1 Node': (object) => this.nodes.add(object),
      'discovery.k8s.io/v1 EndpointSlice': (object) => this.addEndpointSlice(object),
      'projectcalico.org/v3 NetworkSet': (object) => this.addNetworkSet(object),
      'projectcalico.org/v3 GlobalNetworkSet': (object) => this.addNetworkSet(object),
      'projectcalico.org/v3 HostEndpoint': (object) => this.addHostEndpoint(object),
      'projectcalico.org/v3 IPPool': (object) => this.nodes.addPool(object),
    }
    // A node's own addresses come before those that HostEndpoints and pods say it has.
    const first = objects.filter(({ kind }) => kind === 'Node')
    const rest = objects.filter(({ kind }) => kind !== 'Node')
    for (const object of [...first, ...rest]) add[`${object.apiVersion} ${object.kind}`]?.(object)
  }

  pod(id: string): Endpoint | undefined {
    return this.pods.get(id)
  }

  /** The classes that a selector selects, in no promised order. */
  selected(selector: Selector): LabelClass[] {
    return this.index.selected(selector)
  }

  /** Endpoints that own an address, by its canonical text. */
  ownersOf(address: string): Endpoint[] {
    return this.owners.get(address) ?? []
  }

  /** Endpoints that have a port of this name. */
  ownersOfPort(name: string): Endpoint[] {
    this.portOwners ??= ownersByPort(this.endpoints)
    return this.portOwners.get(name) ?? []
  }

  /** Whether a namespace is given, or a pod is in it. */
  hasNamespace(name: string): boolean {
    return this.labelSource.hasNamespace(name) || this.endpoints.some(({ namespace }) => namespace === name)
  }

  serviceMembers(service: string): ServiceMember[] {
    return this.services.get(service) ?? []
  }

  allServiceMembers(): ServiceMember[] {
    return [...this.services.values()].flat()
  }

  private addPod(object: KubernetesObject): void {
    const { metadata, spec = {}, status = {} } = object
    if (isFinished(object)) return
    const namespace = metadata.namespace ?? 'default'
    const id = `${namespace}/${metadata.name}`
    const node: string = spec.nodeName ?? ''
    const addresses = podAddresses(status)
    if (spec.hostNetwork) {
      this.hostPods.set(id, { id, node, addresses })
      this.nodes.addAddresses(node, addresses)
      return
    }
    const serviceAccount: string = spec.serviceAccountName || spec.serviceAccount || 'default'
    const labels = this.labelSource.podLabels(namespace, serviceAccount, metadata.labels ?? {})
    const endpoint: Endpoint = {
      kind: 'pod',
      id,
      namespace,
      node,
      labelClass: this.classOf(namespace, labels),
      addresses,
      ports: containerPorts(spec),
      profiles: [`kns.${namespace}`, `ksa.${namespace}.${serviceAccount}`],
    }
    this.pods.set(id, endpoint)
    this.addEndpoint(endpoint)
  }

  private addHostEndpoint({ metadata, spec }: KubernetesObject): void {
    const addresses = parseAddresses(spec.expectedIPs ?? [])
    const endpoint: Endpoint = {
      kind: 'host-endpoint',
      id: metadata.name,
      namespace: null,
      node: spec.node ?? '',
      labelClass: this.classOf(null, new Map(Object.entries(metadata.labels ?? {}))),
      addresses,
      ports: (spec.ports ?? []).map(
        ({ name, protocol, port }: { name: string; protocol: string; port: number }) => ({
          name,
          protocol: protocolNumber(protocol),
          port,
        }),
      ),
      profiles: spec.profiles ?? [],
    }
    this.addEndpoint(endpoint)
    this.hostInterfaces.push({ endpoint, name: spec.interfaceName ?? '' })
    this.nodes.addAddresses(endpoint.node, addresses)
  }

  private addEndpoint(endpoint: Endpoint): void {
    this.endpoints.push(endpoint)
    endpoint.labelClass.endpoints.push(endpoint)
    for (const address of endpoint.addresses.map(addressText)) {
      const owners = this.owners.get(address)
      if (owners) owners.push(endpoint)
      else this.owners.set(address, [endpoint])
    }
  }

  private addNetworkSet({ kind, metadata, spec }: KubernetesObject): void {
    const namespace = kind === 'NetworkSet' ? (metadata.namespace ?? 'default') : null
    const own = metadata.labels ?? {}
    const labels =
      namespace === null ? new Map(Object.entries(own)) : this.labelSource.setLabels(namespace, own)
    const nets = (spec?.nets ?? [])
      .map((net: string) => parseCidrOrAddress(net))
      .filter((net: unknown) => net !== null)
    this.networkSets.push({ labelClass: this.classOf(namespace, labels as Labels), nets })
  }

  private addEndpointSlice(object: KubernetesObject): void {
    const service = object.metadata.labels?.['kubernetes.io/service-name']
    if (!service) return
    const key = `${object.metadata.namespace ?? 'default'}/${service}`
    const members = this.services.get(key) ?? []
    this.services.set(key, members)
    for (const { addresses = [] } of (object.endpoints ?? []) as { addresses?: string[] }[])
      for (const { protocol = 'TCP', port } of (object.ports ?? []) as { protocol?: string; port?: number }[])
        for (const address of parseAddresses(addresses))
          if (port !== undefined && port !== null)
            members.push({ address: formatAddress(address), protocol: protocolNumber(protocol), port })
  }

  private classOf(namespace: string | null, labels: Labels): LabelClass {
    const texts = [...labels].map(([label, value]) => `${label}\0${value}`)
    const key = `${namespace}\0${texts.sort().join('\0')}`
    let labelClass = this.classByKey.get(key)
    if (!labelClass) {
      labelClass = { namespace, labels, endpoints: [] }
      this.classByKey.set(key, labelClass)
      this.classes.push(labelClass)
    }
    return labelClass
  }
}

function ownersByPort(endpoints: Endpoint[]): Map<string, Endpoint[]> {
  const owners = new Map<string, Endpoint[]>()
  for (const endpoint of endpoints)
    for (const name of new Set(endpoint.ports.map(({ name }) => name))) {
      const known = owners.get(name)
      if (known) known.push(endpoint)
      else owners.set(name, [endpoint])
    }
  return owners
}

/** Finished pods own no address: another pod may have theirs by now. */
function isFinished({ metadata, status }: KubernetesObject): boolean {
  if (['Succeeded', 'Failed', 'Completed'].includes(status?.phase)) return true
  return Boolean(metadata.deletionTimestamp) && metadata.annotations?.['cni.projectcalico.org/podIP'] === ''
}

function podAddresses(status: { podIP?: string; podIPs?: { ip: string }[] }): Address[] {
  const listed = (status.podIPs ?? []).map(({ ip }) => ip)
  return parseAddresses(listed.length > 0 ? listed : [status.podIP ?? ''])
}

function containerPorts(spec: KubernetesObject['spec']): NamedPort[] {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const ports = containers.flatMap(({ ports = [] }) => ports ?? []) as Record<string, string | number>[]
  return ports
    .filter(({ name }) => name)
    .map(({ name, protocol = 'TCP', containerPort }) => ({
      name: String(name),
      protocol: protocolNumber(protocol),
      port: Number(containerPort),
    }))
}

function parseAddresses(texts: string[]): Address[] {
  return texts.map((text) => parseAddress(text)).filter((address) => address !== null)
}
