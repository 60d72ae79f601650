import type { CgroupAccess } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { ApiClient, Informer } from '../api-client/index.ts'
import type { NodeAddresses, PodNetwork } from '../network/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Checkpoints, PodCheckpoint } from './checkpoint.ts'
import type { EventWriter } from './events.ts'
import type { NodeFiles } from './node-files.ts'
import type { NodeCgroups } from './pod-cgroup.ts'
import type { QuietExec } from './probe.ts'

export interface KubeletOptions {
  api: ApiClient
  node: NodeAddresses
  network: PodNetwork
  runtime: Runtime
  cgroupParent: CgroupAccess
  /** Where pods' files go. */
  directory: string
  agentDirectory: string
  /** Changes whenever the nodes come up anew. */
  bootId: string
  checkpoints: Checkpoints
  /** What another process has left of pods, those of other nodes among them. */
  found: PodCheckpoint[]
  /** Resolves once there are rules, or nft has refused them: what a pod sends before would pass. */
  rules: Promise<unknown>
  /** Resolves once the rules of all pods up to a revision are enforced. */
  inForce(revision: number): Promise<void>
  log(line: string): void
}

/** What a pod's worker needs of its kubelet. */
export interface KubeletContext extends KubeletOptions {
  events: EventWriter
  configMaps: Informer
  secrets: Informer
  claims: Informer
  services: Informer
  /** Pods that the node has taken and that have not ended, without this one. */
  podsBeside(pod: KubernetesObject): KubernetesObject[]
  /** What pods may use of the node. */
  allocatable: Record<string, string>
  memoryBytes: number
  lowestOomScoreAdj: number
  /** Capabilities that containers can have here. */
  grantable: Set<string>
  cgroups: NodeCgroups
  /** What hostPath volumes see. */
  nodeFiles: NodeFiles
  execQuietly(containerId: string, words: string[], timeoutMs: number): Promise<QuietExec>
}
