import { type Cidr, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { podNetworksOf, serviceSlices, withAddresses, workloadPods } from '../complete/index.ts'

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
  const known = podNetworksOf(given)
  const podNetworks = known.length > 0 ? known : [parseCidr(usualPodNetwork)!]
  const assumedPods = new Set<string>()
  const all = [...given, ...workloadPods(given).pods]
  if (!all.some((object) => isPod(object) && isDnsPod(object))) {
    const pod = dnsPod()
    assumedPods.add(`${pod.metadata.namespace}/${pod.metadata.name}`)
    all.push(pod)
  }
  const objects = withAddresses(all, podNetworks[0])
  return { objects: [...objects, ...serviceSlices(objects)], assumedPods, podNetworks }
}

export function isDnsPod({ metadata }: Pick<KubernetesObject, 'metadata'>): boolean {
  return metadata.namespace === 'kube-system' && metadata.labels?.['k8s-app'] === 'kube-dns'
}

function isPod({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'v1' && kind === 'Pod'
}

function dnsPod(): KubernetesObject {
  const metadata = { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }
  const ports = [
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
    { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
  ]
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'coredns', ports }] } }
}
