import type { Catalog } from './catalog.ts'
import type { Endpoint } from './endpoint.ts'
import type { Hosts } from './hosts.ts'
import type { Plan } from './plan.ts'
import type { Tier } from './tier.ts'

/** What the cluster's own configuration says that no policy does. */
export interface ModelOptions {
  /** Traffic of a pod to its own node, after the pod's egress policy; Calico's manifests say `accept`. */
  endpointToHost?: 'accept' | 'drop'
  /**
   * Whether a node talks to pods of other nodes from its tunnel address (VXLAN or IPIP always). Default: as the
   * IPPools say, which is not at all where there are none.
   */
  encapsulated?: boolean
  /** UDP port of VXLAN: no pod may send to it. */
  vxlanPort?: number
}

/** A cluster's endpoints and policies, ready to answer questions. Immutable; selectors are looked up lazily. */
export interface Model {
  readonly catalog: Catalog
  /** With the policies that pods can have; what hosts alone have is in `hosts`. */
  readonly tiers: Tier[]
  readonly hosts: Hosts
  readonly options: Required<Omit<ModelOptions, 'encapsulated'>>
  /** What is present and changes nothing here although it might on a cluster, a sentence each. */
  readonly unsupported: string[]
  /** What was taken for granted because nothing was given, a sentence each. */
  readonly assumptions: string[]
  /** The pods that policies apply to, by `namespace/pod`. */
  readonly pods: ReadonlyMap<string, Endpoint>
  /** The tiers and policies that govern an endpoint in a direction, in evaluation order. */
  readonly plan: Plan
}
