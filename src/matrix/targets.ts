import { isIP } from 'node:net'
import type { NodePort } from '../policy/index.ts'
import type { ClusterView, PodView } from './cluster-view.ts'
import { parseDestination } from './destination.ts'
import type { Edge } from './edge.ts'
import type { EndpointView, ServiceView } from './service-view.ts'

/** Where an edge leads: what a probe dials, and who must be listening for silence to mean `dropped`. */
export interface Target {
  /** An address, or a name that the source resolves. */
  host: string
  port: number
  /** True where `host` is a name. */
  byName: boolean
  /** True where only the resolution is asked. */
  resolutionOnly: boolean
  /** Who answers: pods behind the address. Empty for a Service without ready endpoints. */
  listeners: EndpointView[]
  /** The Service in between, if there is one. */
  service: ServiceView | null
  /** The port of a node that leads there, if there is one in between. */
  nodePort: NodePort | null
  /** False for addresses outside the cluster, and for what a node runs itself: nothing is known about who answers. */
  known: boolean
}

/** Finds where an edge leads; a text says why it leads nowhere. */
export function findTarget(view: ClusterView, edge: Edge, source: PodView | null): Target | string {
  const destination = parseDestination(edge.to)
  switch (destination?.kind) {
    case 'pod':
      return podTarget(view, edge)
    case 'service':
      return serviceTarget(view, view.service(destination.namespace, destination.name), edge)
    case 'name': {
      if (view.ipVersion !== null)
        return "a name is dialled at the address that the pod's resolver gives first"
      const service = source ? serviceOfName(view, destination.name, source.namespace) : null
      const listeners = service ? service.endpoints(edge.protocol, edge.port) : []
      return { ...outside(destination.name, edge), byName: true, listeners, service, known: service !== null }
    }
    case 'dns':
      return { ...outside(destination.name, edge), byName: true, resolutionOnly: true }
    case 'node': {
      const address = view.nodeAddress(destination.name)
      if (address) return nodeTarget(view, edge, { node: destination.name, address, source })
      return `there is no node ${destination.name}${view.ipVersion ? ` with an ${familyOf(view)} address` : ''}`
    }
    case 'address':
      return addressTarget(view, edge, { address: destination.address, source })
    default:
      return `${edge.to} is no destination`
  }
}

/**
 * The Service that a name stands for, as a pod of `namespace` resolves it with the search list of kubelet:
 * `web`, `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`, with or without a final dot.
 */
export function serviceOfName(view: ClusterView, name: string, namespace: string): ServiceView | null {
  const parts = shortName(name).split('.')
  if (parts.length > 2) return null
  return view.service(parts[1] ?? namespace, parts[0]!)
}

/** A name without the cluster's own suffixes. */
export function shortName(name: string): string {
  return name.replace(/\.$/, '').replace(/\.svc(\.cluster\.local)?$/, '')
}

function podTarget(view: ClusterView, edge: Edge): Target | string {
  const pod = view.pod(edge.to)
  if (!pod) return `there is no pod ${edge.to}`
  if (!pod.running) return `pod ${pod.ref} is not running but ${pod.phase}`
  if (!pod.address) return `pod ${pod.ref} has no ${familyOf(view)} address`
  const listeners = [{ address: pod.address, port: edge.port, pod: pod.ref }]
  return { ...outside(pod.address, edge), listeners, known: true }
}

function serviceTarget(view: ClusterView, service: ServiceView | null, edge: Edge): Target | string {
  if (!service) return `there is no Service ${edge.to.replace(/^svc\//, '')}`
  if (service.isHeadless)
    return `Service ${service.namespace}/${service.name} is headless: it has no address; ask name:${service.name}.${service.namespace}`
  if (!service.clusterIp)
    return `Service ${service.namespace}/${service.name} has no ${familyOf(view)} address`
  const listeners = service.endpoints(edge.protocol, edge.port)
  return { ...outside(service.clusterIp, edge), listeners, service, known: true }
}

interface Dialled {
  address: string
  source: PodView | null
}

/** What is dialled at a node: a Service's port where one is opened there, else a pod's, else whatever the node itself runs. */
function nodeTarget(
  view: ClusterView,
  edge: Edge,
  { node, address, source }: Dialled & { node: string },
): Target {
  const unknown = outside(address, edge)
  const opened = view.nodePort(edge.protocol, edge.port)
  if (!opened) return hostPortTarget(view, edge, { node, address }) ?? unknown
  if (opened.service.family !== isIP(address)) return unknown
  const { service, port } = opened
  const listeners = service.endpoints(edge.protocol, port)
  const target = { ...unknown, listeners, service, known: true }
  if (!service.isNodeLocal) return { ...target, nodePort: { node, port: edge.port } }
  // To a pod's own node such a port is as the Service's own address: kube-proxy short-circuits pod traffic.
  if (source?.node === node) return target
  // What others may reach depends on how the node sees them: as pods, or under their node's address.
  if (listeners.some((endpoint) => endpoint.node !== node)) return unknown
  return { ...target, nodePort: { node, port: edge.port } }
}

/** A pod behind a port of its node: its node leads there, or it is on the node's own network. */
function hostPortTarget(
  view: ClusterView,
  edge: Edge,
  { node, address }: { node: string; address: string },
): Target | null {
  for (const pod of view.pods.filter((one) => one.running && one.node === node)) {
    const opened = pod.hostPorts.find(
      ({ protocol, hostIp, hostPort }) =>
        protocol === edge.protocol && hostPort === edge.port && (hostIp === '' || hostIp === address),
    )
    const own = pod.addresses.find((one) => isIP(one) === isIP(address))
    if (!opened || !own) continue
    const listeners = [{ address: own, port: opened.containerPort, pod: pod.ref, node }]
    const nodePort = pod.isOnHost ? null : { node, port: edge.port }
    return { ...outside(address, edge), listeners, nodePort, known: true }
  }
  return null
}

function addressTarget(view: ClusterView, edge: Edge, { address, source }: Dialled): Target {
  const node = view.nodeAt(address)
  if (node !== null) {
    const target = nodeTarget(view, edge, { node, address, source })
    if (target.known) return target
  }
  const pod = onlyPodAt(view, address)
  const listeners = pod ? [{ address, port: edge.port, pod: pod.ref }] : []
  return { ...outside(address, edge), listeners, known: pod !== null }
}

/** The running pod that has an address; pods on the host's network share its: then nobody in particular answers. */
export function onlyPodAt({ pods }: ClusterView, address: string): PodView | null {
  const [pod, ...others] = pods.filter((one) => one.addresses.includes(address) && one.running)
  return pod && others.length === 0 ? pod : null
}

function familyOf({ ipVersion }: ClusterView): string {
  return ipVersion === null ? 'IP' : `IPv${ipVersion}`
}

function outside(host: string, edge: Edge): Target {
  return {
    host,
    port: edge.port,
    byName: false,
    resolutionOnly: false,
    listeners: [],
    service: null,
    nodePort: null,
    known: false,
  }
}
