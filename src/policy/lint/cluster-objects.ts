import { type Cidr, formatAddress, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { serviceSlices, workloadPods } from '../complete/index.ts'

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
  const all = [...pods, ...workloadPods(given).pods]
  if (!all.some(isDnsPod)) all.push(assume(dnsPod()))
  const addressed = withAddresses(all, podNetworks[0]!)
  const others = given.filter((object) => !isPod(object))
  return {
    objects: [...others, ...addressed, ...serviceSlices([...others, ...addressed])],
    assumedPods,
    podNetworks,
  }
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
