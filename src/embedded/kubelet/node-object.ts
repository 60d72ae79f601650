import { readFileSync, statfsSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import type { CgroupLimits } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { kubernetesVersion } from '../kubernetes-version.ts'
import { type NodeAddresses, nodeNetwork, tunnelAddress } from '../network/index.ts'
import type { Image } from '../runtime/index.ts'

export interface NodeFacts {
  images: Image[]
  capacity: Record<string, string>
  /** Of this run of the node. */
  bootId: string
}

/** The Node as a kubelet with Calico registers it, ready from the start: its network exists before it does. */
export function nodeObject(node: NodeAddresses, facts: NodeFacts): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/arch': architecture(),
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
      },
      annotations: calicoAnnotations(node),
    },
    spec: { providerID: `ztlab://${node.name}` },
    status: nodeStatus(node, facts),
  }
}

function calicoAnnotations(node: NodeAddresses): Record<string, string> {
  const pairs = node.families.flatMap((family) => [
    [`projectcalico.org/IPv${family}Address`, nodeNetwork(node, family)],
    [`projectcalico.org/IPv${family}VXLANTunnelAddr`, tunnelAddress(node, family)],
  ])
  return Object.fromEntries(pairs)
}

/** Each node of the cluster has the whole machine, and all of the file system in which the pods' files are. */
export function nodeCapacity(directory: string): Record<string, string> {
  const { blocks, bsize } = statfsSync(directory)
  return {
    cpu: String(cpus().length),
    'ephemeral-storage': `${Math.floor((blocks * bsize) / 1024)}Ki`,
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: '110',
  }
}

/** The same, as a cgroup is held to it. */
export function nodeLimits(): CgroupLimits {
  return { cpuShares: 1024 * cpus().length, memoryBytes: totalmem() }
}

function nodeStatus(node: NodeAddresses, { images, capacity, bootId }: NodeFacts): object {
  return {
    addresses: [
      ...node.addresses.map((address) => ({ address, type: 'InternalIP' })),
      { address: node.name, type: 'Hostname' },
    ],
    capacity,
    allocatable: capacity,
    conditions: nodeConditions({ diskPressure: false }),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    images: imageList(images),
    nodeInfo: {
      architecture: architecture(),
      bootID: bootId,
      containerRuntimeVersion: 'runc://ztlab',
      kernelVersion: release(),
      kubeProxyVersion: '',
      kubeletVersion: kubernetesVersion,
      machineID: '',
      operatingSystem: 'linux',
      osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(readOr('/etc/os-release', ''))?.[1] ?? 'Linux',
      systemUUID: '',
    },
  }
}

/** As a node's status lists them: largest first, at most 50 (the kubelet's nodeStatusMaxImages). */
export function imageList(images: Image[]): { names: string[]; sizeBytes: number }[] {
  return images
    .filter(({ names }) => names.length > 0)
    .map(({ names, sizeBytes }) => ({ names, sizeBytes }))
    .sort((one, other) => other.sizeBytes - one.sizeBytes)
    .slice(0, 50)
}

/** What a node says of itself. */
export function nodeConditions(is: { diskPressure: boolean }): object[] {
  return [
    condition('NetworkUnavailable', 'False', 'CalicoIsUp', 'Calico-shaped network is up on this node'),
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    diskPressure(is.diskPressure),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ]
}

function diskPressure(isUnder: boolean): object {
  return isUnder
    ? condition('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
    : condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure')
}

function condition(type: string, status: string, reason: string, message: string): object {
  const now = apiTime()
  return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: now }
}

/** Go's name of this machine's architecture, which Kubernetes uses. */
function architecture(): string {
  return { x64: 'amd64', ia32: '386' }[arch() as string] ?? arch()
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
