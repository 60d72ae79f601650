import type { IpVersion } from '../cidr.ts'
import type { KubeClient } from '../kube/index.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { ofVersion, type ServicePort, type ServiceView, serviceView } from './service-view.ts'

/** A cluster at one moment: what a plan and a prediction are made from. */
export interface ClusterView {
  /** All that was read, for the policy model. */
  objects: KubernetesObject[]
  /** By `namespace/name`: a pod of this name, or the first pod of a workload of this name. */
  pod(ref: string): PodView | null
  pods: PodView[]
  service(namespace: string, name: string): ServiceView | null
  /** The Service that opens this port on every node. */
  nodePort(protocol: string, port: number): NodePortView | null
  hasNamespace(name: string): boolean
  /** The node's InternalIP. */
  nodeAddress(name: string): string | null
  /** The node whose InternalIP this is. */
  nodeAt(address: string): string | null
  /** The family that was asked for; null where each pod and Service is taken at its first address. */
  ipVersion: IpVersion | null
}

export interface NodePortView {
  service: ServiceView
  /** The Service's own port. */
  port: number
}

export interface PodView {
  /** `namespace/name`. */
  ref: string
  namespace: string
  name: string
  /** In the view's family, or its first; null while it has none. */
  address: string | null
  /** In every family. */
  addresses: string[]
  running: boolean
  /** Empty while it has none. */
  node: string
  phase: string
  /** Tells it from another of its name; empty where it has none. */
  uid: string
  /** Where commands run. */
  container: string
  /** All of them; they share one network namespace. */
  containers: string[]
  images: string[]
  labels: Record<string, string>
  dnsPolicy: string
  /** The name that its /etc/hosts gives to its own address. */
  hostname: string
  /** Whether its addresses are its node's. */
  isOnHost: boolean
  hostPorts: HostPort[]
}

/** A port of a pod that its node opens for it, or that it has there itself. */
export interface HostPort {
  protocol: string
  /** The only address of the node that has it; every one has where it is empty. */
  hostIp: string
  hostPort: number
  containerPort: number
}

/** What is read; a kind that the cluster does not serve is empty. */
const kinds: [string, string][] = [
  ['v1', 'Namespace'],
  ['v1', 'Node'],
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkPolicy'],
  ['projectcalico.org/v3', 'GlobalNetworkPolicy'],
  ['projectcalico.org/v3', 'Tier'],
  ['projectcalico.org/v3', 'NetworkSet'],
  ['projectcalico.org/v3', 'GlobalNetworkSet'],
  ['projectcalico.org/v3', 'HostEndpoint'],
  ['projectcalico.org/v3', 'IPPool'],
  ['projectcalico.org/v3', 'FelixConfiguration'],
]

export async function readCluster(
  kube: KubeClient,
  signal?: AbortSignal,
  ipVersion: IpVersion | null = null,
): Promise<ClusterView> {
  const lists = await Promise.all(
    kinds.map(async ([apiVersion, kind]) =>
      // Items of a list may come without their type.
      (await kube.list(apiVersion, kind, { signal })).map((object) => ({ ...object, apiVersion, kind })),
    ),
  )
  return viewOf(lists.flat(), ipVersion)
}

/** The view of these objects; also of a test's. */
export function viewOf(objects: KubernetesObject[], ipVersion: IpVersion | null = null): ClusterView {
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind)
  const pods = ofKind('Pod').map((pod) => podView(pod, ipVersion))
  const services = new Map(
    ofKind('Service').map((service) => [
      `${service.metadata.namespace}/${service.metadata.name}`,
      serviceView(service, ofKind('EndpointSlice'), ipVersion),
    ]),
  )
  return {
    objects,
    pods,
    pod: (ref) => findPod(pods, ofKind('Pod'), ref),
    service: (namespace, name) => services.get(`${namespace}/${name}`) ?? null,
    nodePort(protocol, port) {
      for (const { metadata, spec } of ofKind('Service')) {
        const opened = ((spec?.ports ?? []) as ServicePort[]).find(
          (one) => one.nodePort === port && (one.protocol ?? 'TCP') === protocol,
        )
        if (!opened) continue
        return { service: services.get(`${metadata.namespace}/${metadata.name}`)!, port: opened.port }
      }
      return null
    },
    hasNamespace: (name) => ofKind('Namespace').some((namespace) => namespace.metadata.name === name),
    nodeAddress(name) {
      const node = ofKind('Node').find((one) => one.metadata.name === name)
      return ofVersion(node ? internalAddresses(node) : [], ipVersion)
    },
    nodeAt: (address) =>
      ofKind('Node').find((node) => internalAddresses(node).includes(address))?.metadata.name ?? null,
    ipVersion,
  }
}

function findPod(views: PodView[], pods: KubernetesObject[], ref: string): PodView | null {
  const exact = views.find((pod) => pod.ref === ref)
  if (exact) return exact
  const [namespace, name] = ref.split('/')
  const candidates = views.filter(
    (pod, index) => pod.namespace === namespace && belongsTo(pods[index]!, name!),
  )
  return (
    candidates.sort((a, b) => Number(b.running) - Number(a.running) || a.ref.localeCompare(b.ref))[0] ?? null
  )
}

function belongsTo(pod: KubernetesObject, workload: string): boolean {
  const labels = pod.metadata.labels ?? {}
  const owner = pod.metadata.ownerReferences?.find((one) => one.controller)
  const hash = labels['pod-template-hash']
  const ownerName = owner?.kind === 'ReplicaSet' && hash ? owner.name.replace(`-${hash}`, '') : owner?.name
  return ownerName === workload || labels['k8s-app'] === workload || labels.app === workload
}

function internalAddresses({ status }: KubernetesObject): string[] {
  const addresses = (status?.addresses ?? []) as { type: string; address: string }[]
  return addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
}

function podView(pod: KubernetesObject, version: IpVersion | null): PodView {
  const { namespace = 'default', name } = pod.metadata
  const containers = (pod.spec?.containers ?? []) as {
    name: string
    image: string
    ports?: ContainerPort[]
  }[]
  const { podIP, podIPs = podIP ? [{ ip: podIP }] : [] } = pod.status ?? {}
  const addresses = (podIPs as { ip: string }[]).map(({ ip }) => ip)
  const phase = pod.metadata.deletionTimestamp ? 'Terminating' : (pod.status?.phase ?? 'Pending')
  return {
    ref: `${namespace}/${name}`,
    namespace,
    name,
    address: ofVersion(addresses, version),
    addresses,
    phase,
    running: phase === 'Running' && addresses.length > 0,
    node: pod.spec?.nodeName ?? '',
    container:
      pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? containers[0]?.name ?? '',
    uid: pod.metadata.uid ?? '',
    containers: containers.map(({ name }) => name),
    images: containers.map(({ image }) => image),
    labels: pod.metadata.labels ?? {},
    dnsPolicy: pod.spec?.dnsPolicy ?? 'ClusterFirst',
    hostname: pod.spec?.hostname ?? name,
    isOnHost: pod.spec?.hostNetwork === true,
    hostPorts: containers.flatMap(({ ports = [] }) => hostPortsOf(ports)),
  }
}

interface ContainerPort {
  protocol?: string
  hostIP?: string
  hostPort?: number
  containerPort: number
}

function hostPortsOf(ports: ContainerPort[]): HostPort[] {
  return ports.flatMap(({ protocol = 'TCP', hostIP = '', hostPort, containerPort }) => {
    const isAny = hostIP === '0.0.0.0' || hostIP === '::'
    return hostPort ? [{ protocol, hostIp: isAny ? '' : hostIP, hostPort, containerPort }] : []
  })
}
