import { existsSync, readFileSync } from 'node:fs'

export interface KindConfigChoices {
  nodes: number
  /** Calico brings the network; otherwise the node image's own does. */
  calico: boolean
  host: Host
}

/** What about this machine the kubelet and kube-proxy must be told. */
export interface Host {
  cgroupV1: boolean
  /** Without CAP_SYS_RESOURCE nodes may not set the limits that they set elsewhere. */
  limited: boolean
}

export function thisHost(): Host {
  const capabilities = readFileSync('/proc/self/status', 'utf8').match(/^CapBnd:\s*(\S+)/m)?.[1] ?? '0'
  const sysResource = 1n << 24n
  return {
    cgroupV1: !existsSync('/sys/fs/cgroup/cgroup.controllers'),
    limited: (BigInt(`0x${capabilities}`) & sysResource) === 0n,
  }
}

/** The cluster's configuration for kind, as JSON, which is YAML too. Pure. */
export function kindConfig({ nodes, calico, host }: KindConfigChoices): string {
  return JSON.stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { disableDefaultCNI: calico, podSubnet: '192.168.0.0/16' },
    ...(host.limited && { featureGates: { KubeletInUserNamespace: true } }),
    kubeadmConfigPatches: patches(host, nodes).map((patch) => JSON.stringify(patch)),
    nodes: [{ role: 'control-plane' }, ...Array.from({ length: nodes - 1 }, () => ({ role: 'worker' }))],
  })
}

function patches(host: Host, nodes: number): object[] {
  // Kubernetes 1.35 and later refuse cgroup v1 unless told; earlier ones do not mind.
  const kubelet = { kind: 'KubeletConfiguration', failCgroupV1: false }
  // Zero means: leave the host's connection tracking as it is.
  const conntrack = { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' }
  return [
    // Every node takes pods, the control plane's too, so that a lab's node count is what it says. With one node kind
    // sees to that itself and fails where it has been done already.
    ...(nodes > 1 ? [{ kind: 'InitConfiguration', nodeRegistration: { taints: [] } }] : []),
    ...(host.cgroupV1 ? [kubelet] : []),
    ...(host.limited ? [{ kind: 'KubeProxyConfiguration', conntrack }] : []),
  ]
}
