import { type Cidr, formatAddress, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { compileSelector } from '../selector.ts'

/** Where pods have their addresses when nothing given says so. */
const usualPodNetwork = '192.168.0.0/16'

/** Addresses of Services, as kubeadm and kind choose them. */
export const usualServiceNetwork = '10.96.0.0/12'

/** What the rules reason about: the objects given, and what had to be assumed so that they can. */
export interface ClusterObjects {
  objects: KubernetesObject[]
  /** `namespace/name` of pods that were not given. */
  assumedPods: Set<string>
  podNetworks: Cidr[]
}

/**
 * Files rarely hold all that a cluster has. A workload without pods gets one, a pod without an address gets one, a
 * Service without endpoints gets those that it selects, and a cluster without DNS gets a DNS pod.
 */
export function completeCluster(given: KubernetesObject[]): ClusterObjects {
  const podNetworks = podNetworksOf(given)
  const assumedPods = new Set<string>()
  const assume = (pod: KubernetesObject) => {
    assumedPods.add(`${pod.metadata.namespace}/${pod.metadata.name}`)
    return pod
  }
  const pods = given.filter(isPod)
  const ofWorkloads = given.flatMap((object) => podOfWorkload(object, pods) ?? [])
  const all = [...pods, ...ofWorkloads]
  if (!all.some(isDnsPod)) all.push(assume(dnsPod()))
  const addressed = withAddresses(all, podNetworks[0]!)
  const others = given.filter((object) => !isPod(object))
  return { objects: [...others, ...addressed, ...slicesFor(others, addressed)], assumedPods, podNetworks }
}

export function isDnsPod({ metadata }: Pick<KubernetesObject, 'metadata'>): boolean {
  return metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'kube-dns'
}

/** Addresses at the end of a network, which clusters give out last. */
export function* spareAddresses(network: Cidr): Generator<string> {
  for (let value = network.last - 1n; value > network.first; value--)
    yield formatAddress({ version: network.version, value })
}

function isPod({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'v1' && kind === 'Pod'
}

function podNetworksOf(objects: KubernetesObject[]): Cidr[] {
  const pools = objects.filter(({ kind }) => kind === 'IPPool').map(({ spec }) => parseCidr(spec?.cidr ?? ''))
  const known = pools.filter((pool) => pool !== null)
  return known.length > 0 ? known : [parseCidr(usualPodNetwork)!]
}

/** The pod that a workload would make, unless pods with its labels are given. */
function podOfWorkload(object: KubernetesObject, pods: KubernetesObject[]): KubernetesObject | null {
  const spec = object.kind === 'CronJob' ? object.spec?.jobTemplate?.spec : object.spec
  const template = spec?.template
  if (!template?.spec?.containers || !workloads.has(object.kind)) return null
  const namespace = object.metadata.namespace ?? 'default'
  const labels: Record<string, string> = template.metadata?.labels ?? {}
  const exists = pods.some(
    ({ metadata }) =>
      (metadata.namespace ?? 'default') === namespace &&
      Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
  )
  if (exists) return null
  const metadata = { name: object.metadata.name, namespace, labels }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }
}

const workloads = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
])

function dnsPod(): KubernetesObject {
  const metadata = { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }
  const ports = [
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
    { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
  ]
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'coredns', ports }] } }
}

function withAddresses(pods: KubernetesObject[], network: Cidr): KubernetesObject[] {
  const spare = spareAddresses(network)
  const taken = new Set(pods.map(({ status }) => status?.podIP))
  return pods.map((pod) => {
    const { spec, status } = pod
    if (status?.podIP || status?.podIPs?.length || spec?.hostNetwork) return pod
    let podIP = spare.next().value as string
    while (taken.has(podIP)) podIP = spare.next().value as string
    return { ...pod, status: { ...status, podIP } }
  })
}

/** An EndpointSlice for each Service that selects pods and has none. */
function slicesFor(others: KubernetesObject[], pods: KubernetesObject[]): KubernetesObject[] {
  const served = new Set(
    others
      .filter(({ kind }) => kind === 'EndpointSlice')
      .map(
        ({ metadata }) =>
          `${metadata.namespace ?? 'default'}/${metadata.labels?.['kubernetes.io/service-name']}`,
      ),
  )
  return others
    .filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Service')
    .filter(({ metadata }) => !served.has(`${metadata.namespace ?? 'default'}/${metadata.name}`))
    .flatMap((service) => podsOfService(service, pods).map((pod) => sliceOf(service, pod)))
}

/** The pods that a Service sends to. */
export function podsOfService({ metadata, spec }: KubernetesObject, pods: KubernetesObject[]) {
  const selector: Record<string, string> = spec?.selector ?? {}
  const terms = Object.entries(selector).map(([label, value]) => ({ op: '==' as const, label, value }))
  if (terms.length === 0) return []
  const selects = compileSelector({ op: 'and', operands: terms })
  return pods.filter(
    (pod) =>
      (pod.metadata.namespace ?? 'default') === (metadata.namespace ?? 'default') &&
      selects(new Map(Object.entries(pod.metadata.labels ?? {}))),
  )
}

/** The container port that a Service's port stands for on a pod, or undefined where its name is not known there. */
export function targetPortOf(
  { port, targetPort = port, protocol = 'TCP' }: ServicePort,
  pod: KubernetesObject,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const containers = (pod.spec?.containers ?? []) as { ports?: ContainerPort[] }[]
  return containers
    .flatMap(({ ports }) => ports ?? [])
    .find((named) => named.name === targetPort && (named.protocol ?? 'TCP') === protocol)?.containerPort
}

export interface ServicePort {
  port: number
  targetPort?: number | string
  protocol?: string
}

interface ContainerPort {
  name?: string
  containerPort: number
  protocol?: string
}

function sliceOf({ metadata, spec }: KubernetesObject, pod: KubernetesObject): KubernetesObject {
  const ports = ((spec?.ports ?? []) as ServicePort[]).flatMap((servicePort) => {
    const port = targetPortOf(servicePort, pod)
    return port === undefined ? [] : [{ port, protocol: servicePort.protocol ?? 'TCP' }]
  })
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${metadata.name}-${pod.metadata.name}`,
      namespace: metadata.namespace ?? 'default',
      labels: { 'kubernetes.io/service-name': metadata.name },
    },
    endpoints: [{ addresses: pod.status?.podIP ? [pod.status.podIP] : [] }],
    ports,
  }
}
