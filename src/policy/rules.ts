/**
 * The rule table: what a policy model comes down to, as plain ordered rules over sets of addresses. It knows
 * nothing of Kubernetes objects and nothing of nftables; felix renders it, `evaluate` agrees with it.
 */

/** What one cluster enforces; a node programs only the endpoints it runs, and the sets and chains these use. */
export interface RuleTable {
  addressSets: AddressSet[]
  portSets: PortSet[]
  chains: PolicyChain[]
  endpoints: EndpointRules[]
  /** Of nodes whose HostEndpoints may deny something. */
  hosts: HostRules[]
  /** Ports of hosts that stay open whatever their policies say. */
  failsafe: Record<Direction, FailsafeRule[]>
}

export interface FailsafeRule {
  /** IP protocol number. */
  protocol: number
  port: number
  /** Block that the other end must be in; null for any. */
  net: string | null
}

/**
 * The sets of policies that a HostEndpoint is asked, in this order: `untracked` before connection tracking, `pre-dnat`
 * before a Service's address is translated, then `normal` about what begins or ends on the host, `forward` about all
 * else. What `untracked` or `pre-dnat` allows is done with the host; nothing but `normal` asks profiles, and what
 * `forward` does not decide goes on.
 */
export type HostStage = 'untracked' | 'pre-dnat' | 'normal' | 'forward'

/** What applies to some interfaces of a node, in evaluation order. */
export interface HostRules {
  /** Name of the HostEndpoint. */
  endpoint: string
  node: string
  /** Those it stands for; null for every one that no other stands for. */
  interfaces: NodeInterface[] | null
  stages: Record<HostStage, Record<Direction, DirectionRules>>
}

/** An interface of a node: where it has its addresses, its tunnels to other nodes, the way to itself. */
export type NodeInterface = 'outside' | 'tunnel' | 'loopback'

/** Addresses that a selector stands for. */
export interface AddressSet {
  /** Short and stable: a hash of `text`. Equal selectors share one set. */
  id: string
  /** The canonical selector, for people. */
  text: string
  /** CIDRs of both families, sorted; an address is written /32 or /128. */
  cidrs: string[]
}

/** (address, protocol, port) tuples that a named port or a `services` match stands for. */
export interface PortSet {
  id: string
  text: string
  members: { address: string; protocol: number; port: number }[]
}

/** One policy in one direction. Endpoints that the policy selects share it. */
export interface PolicyChain {
  /** `np/ns/name`, `gnp/name`, `knp/ns/name`, `kcnp/name`, `snp/…`, `sgnp/…`, `sknp/…`, `pro/kns.ns`. */
  id: string
  direction: Direction
  staged: boolean
  rules: LoweredRule[]
}

export type Direction = 'ingress' | 'egress'
export type RuleAction = 'allow' | 'deny' | 'pass' | 'log'

export interface LoweredRule {
  action: RuleAction
  /** Index of the rule as its author counts it (YAML order), several lowered rules may share one. */
  index: number
  match: RuleMatch
}

/** All criteria must hold; the entries of one list are alternatives unless said otherwise. */
export interface RuleMatch {
  ipVersion?: 4 | 6
  /** IP protocol number. */
  protocol?: number
  notProtocol?: number
  icmp?: { type?: number; code?: number }
  notIcmp?: { type?: number; code?: number }
  source: PeerMatch
  destination: PeerMatch
}

/** Empty lists say nothing. */
export interface PeerMatch {
  /** Ids of address sets: the address is in every one of them. */
  inSets: string[]
  /** The address is in none of them. */
  notInSets: string[]
  /** CIDRs: the address is in one of them. */
  nets: string[]
  /** The address is in none of them. */
  notNets: string[]
  /** Inclusive ranges, or members of a port set: one of either kind suffices. */
  ports: PortRange[]
  portSets: string[]
  /** The port is in none of them. */
  notPorts: PortRange[]
  notPortSets: string[]
}

export interface PortRange {
  first: number
  last: number
}

/** What applies to one endpoint, in evaluation order. */
export interface EndpointRules {
  /** `namespace/pod`. */
  endpoint: string
  node: string
  addresses: string[]
  ingress: DirectionRules
  egress: DirectionRules
}

export interface DirectionRules {
  /** Only tiers in which some policy governs this endpoint in this direction. */
  tiers: TierRules[]
  /** Chain ids of the profiles; the first that decides wins, and nothing matching is a drop. */
  profiles: string[]
}

export interface TierRules {
  name: string
  /** Chain ids in order, staged ones among them. */
  policies: string[]
  /** What happens to traffic no policy of the tier decided; `pass` also where all policies are staged. */
  endAction: 'deny' | 'pass'
  /** The tier's own default action: what happens at its end if staged policies are enforced. */
  stagedEndAction: 'deny' | 'pass'
  /** The policy blamed for an end-of-tier drop: the last one that is not staged. */
  endOwner: string | null
}
