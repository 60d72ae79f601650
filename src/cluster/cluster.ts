import type { ExecOptions, ExecResult } from '../exec.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import type { Flow, FlowOptions } from './flow.ts'

export type BackendName = 'embedded' | 'kind' | 'context'

/** What a cluster can do, as data: nothing above `src/cluster` asks which backend it has. */
export interface Abilities {
  /** API groups whose policies are enforced, e.g. `networking.k8s.io/v1`, `projectcalico.org/v3`. */
  policyApis: string[]
  protocols: string[]
  nodeShell: boolean
  /** How long silence has to last to be taken for one. */
  probeTimeoutMs: number
  /** Where on a node the rules of a pod are read: `nft` (tables of ours or Calico's) or `iptables`. */
  dataplane: 'nft' | 'iptables' | 'unknown'
  /** True where predicted and measured come from the same policy model; reports say so. */
  sharesPolicyModel: boolean
}

export interface NodeRef {
  name: string
  /** The node's own address, from its `InternalIP`. */
  address: string
}

/** A running Kubernetes cluster: a kubeconfig plus a way to run a command on a node. */
export interface Cluster {
  readonly name: string
  readonly backend: BackendName
  /** YAML text; kubectl works with it. */
  readonly kubeconfig: string
  readonly abilities: Abilities
  nodes(): Promise<NodeRef[]>
  /** Runs a command as root in that node's namespaces. */
  runOnNode(node: string, argv: string[], options?: ExecOptions): Promise<ExecResult>
  /**
   * A line to paste that runs `argv` on that node, or opens a shell there when `argv` is left out. `now`: a line that
   * may lean on what this object holds open, after a `runOnNode` there; otherwise it works later, too.
   */
  nodeCommand(node: string, argv?: string[], when?: 'now' | 'later'): string[]
  /**
   * Resolves once every node enforces all that was written up to `resourceVersion`.
   * Throws `timeout` with the node that lags, or `enforces-nothing` where a canary deny does not bite.
   */
  settled(resourceVersion: string, options?: SettleOptions): Promise<void>
  /** What flows, for as long as asked: see `Flow.basis` for how much that is of all that flowed. */
  flows(options?: FlowOptions): AsyncIterable<Flow>
  /** Ends what this object holds open; deletes the cluster if it was created to live only as long as this run. */
  close(): Promise<void>
}

export interface SettleOptions {
  /** See a canary deny bite even where no policy stands yet, unless the network is ours and needs no proof. */
  prove?: boolean
  /** What was written or deleted: nodes may hear of each kind of policy on a way of its own. Default: Calico's NetworkPolicy. */
  changed?: Pick<KubernetesObject, 'apiVersion' | 'kind'>[]
  signal?: AbortSignal
}

export interface ClusterSpec {
  name: string
  nodes: number
  /** IP families of pods and Services; `dual` is IPv4 first. Default: `ipv4`. */
  ipFamily?: 'ipv4' | 'ipv6' | 'dual'
  /** Lives on after the process that made it (`cluster up`); otherwise it ends with that process. */
  detached: boolean
  /** Where the backend keeps clusters warm, take the one of this shape, or make it: it stays, whatever `detached` says. */
  reuse?: boolean
  /** kind: a Calico manifest, a node image and image archives on this machine instead of downloads. */
  calicoManifest?: string
  /** kind: `calico`, or `default` for the node image's own network; left out: Calico where it can be had. */
  cni?: 'calico' | 'default'
  nodeImage?: string
  loadImages?: string[]
}

/** One line of `ztlab doctor`. */
export interface Check {
  title: string
  ok: boolean
  /** What was found, or what is missing and why it is needed. */
  detail: string
  /** The command that cures it, where `ok` is false. */
  cure?: string
  /** False: only some labs or commands need it. */
  required: boolean
}

/** Reports progress: starts a step; ends it when the promise settles. */
export interface Progress {
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** A detail, shown where details are asked for. */
  note(text: string): void
  /** What a user must know although the work goes on. */
  warn(text: string): void
}

/** An image to be brought to the nodes of a cluster. */
export interface LoadRequest {
  /** An archive (`docker save`, OCI image layout) or the folder of an OCI image layout. */
  source: string
  /** Its name there, for one that has none. */
  image?: string
}

export interface ClusterBackend {
  /** False where clusters are the user's: then `create` refuses, and `delete` removes no more than what is ours. */
  readonly creates: boolean
  /** True where `ClusterSpec.reuse` gives clusters that live on: a run then has to remove what it made there. */
  readonly keepsWarm: boolean
  preflight(): Promise<Check[]>
  create(spec: ClusterSpec, progress: Progress, signal?: AbortSignal): Promise<Cluster>
  open(name: string): Promise<Cluster>
  list(): Promise<string[]>
  /** Brings an image to the nodes of a running cluster; resolves with its names. Left out where nodes pull their own. */
  load?(name: string, request: LoadRequest, progress: Progress): Promise<string[]>
  /** Deletes a cluster by its marks alone, also one whose processes crashed. */
  delete(name: string): Promise<void>
  /** What a run that changes such objects puts there beside, to be shown first; left out where the cluster is ours. */
  ownObjects?(changed?: SettleOptions['changed']): Promise<OwnObjects>
}

export interface OwnObjects {
  /** In its denying state, with the Service that it tries before there are policies. */
  canary: KubernetesObject[]
  /** For what looks at nodes. */
  nodeShells: KubernetesObject[]
}
