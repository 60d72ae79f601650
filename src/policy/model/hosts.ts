import { type Address, formatAddress, type IpVersion } from '../../cidr.ts'
import type { Direction, HostStage, NodeInterface } from '../rules.ts'
import type { Catalog, HostInterface } from './catalog.ts'
import type { Endpoint } from './endpoint.ts'
import type { Failsafe } from './failsafe.ts'
import { type Plan, planner, type TierPlan } from './plan.ts'
import type { PolicyStage } from './policy.ts'
import type { Tier } from './tier.ts'

/** Through which of a node's interfaces a packet goes: the one that has the address, its tunnel, itself, a pod's. */
export type Way =
  | { kind: 'outside'; address: Address | null }
  | { kind: 'tunnel' }
  | { kind: 'loopback' }
  | { kind: 'workload' }

export const tunnelNames = ['vxlan.calico', 'vxlan-v6.calico', 'tunl0']

interface HostsOptions {
  catalog: Catalog
  failsafe: Failsafe
  tiers: Tier[]
  early: Tier[]
}

/** HostEndpoints, and what they make of traffic. */
export class Hosts {
  /** Tiers with the policies that are asked before the normal ones; these pass at their end. */
  readonly tiers: Record<Exclude<PolicyStage, 'normal'>, Tier[]>
  readonly failsafe: Failsafe
  private readonly plans: Record<HostStage, Plan>
  private readonly catalog: Catalog
  private strict: Set<Endpoint> | undefined
  private strictOnes: Set<string> | undefined
  private byNode: Map<string, HostInterface[]> | undefined

  /** `early` are the tiers with the policies that are not normal. */
  constructor({ catalog, failsafe, tiers, early }: HostsOptions) {
    this.catalog = catalog
    this.failsafe = failsafe
    const keep = (from: Tier[], wanted: (policy: Tier['policies'][number]) => boolean) =>
      from.map((tier) => ({ ...tier, policies: tier.policies.filter(wanted) }))
    const passing = early.map((tier): Tier => ({ ...tier, endAction: 'pass' }))
    this.tiers = {
      untracked: keep(passing, ({ stage }) => stage === 'untracked'),
      'pre-dnat': keep(passing, ({ stage }) => stage === 'pre-dnat'),
    }
    const enforced = keep(tiers, ({ staged }) => !staged)
    this.plans = {
      untracked: planner(this.tiers.untracked, catalog),
      'pre-dnat': planner(this.tiers['pre-dnat'], catalog),
      normal: planner(enforced, catalog),
      forward: planner(
        keep(enforced, ({ onForward }) => onForward),
        catalog,
      ),
    }
  }

  plan(host: Endpoint, stage: HostStage, direction: Direction): TierPlan[] {
    return this.plans[stage](host, direction)
  }

  /**
   * The HostEndpoint that governs an interface of a node: the first by name of those that name it or its address, else
   * the first for all interfaces (felix/dataplane/linux/endpoint_mgr.go, resolveHostEndpoints).
   */
  at(node: string, way: Way): Endpoint | undefined {
    const own = this.ofNode(node)
    return first(own.filter((host) => this.isAt(host, way))) ?? first(own.filter(isForAll))
  }

  /** The HostEndpoints of a node with the interfaces that they stand for; null is every one that is left. */
  interfacesOf(node: string): Map<Endpoint, NodeInterface[] | null> {
    const ways: [NodeInterface, Way][] = [
      ['outside', this.outsideOf(node)],
      ['tunnel', { kind: 'tunnel' }],
      ['loopback', { kind: 'loopback' }],
    ]
    const found = new Map<Endpoint, NodeInterface[] | null>()
    for (const [name, way] of ways) {
      const host = this.at(node, way)
      if (!host || this.isForAll(host)) continue
      found.set(host, [...(found.get(host) ?? []), name])
    }
    const rest = this.at(node, { kind: 'workload' })
    return rest ? found.set(rest, null) : found
  }

  private outsideOf(node: string): Way {
    const { nodes } = this.catalog
    return { kind: 'outside', address: nodes.addressOf(node, 4) ?? nodes.addressOf(node, 6) }
  }

  /** Whether a HostEndpoint stands for every interface: it has no untracked policies then. */
  isForAll(endpoint: Endpoint): boolean {
    return this.ofNode(endpoint.node).some((host) => host.endpoint === endpoint && isForAll(host))
  }

  /** Whether a HostEndpoint's profiles allow what no policy decides; the profile that says so. */
  profile({ profiles }: Endpoint): { allows: boolean; name: string | null } {
    const name = profiles.find((one) => this.profileAction(one) !== null)
    return { allows: name !== undefined && this.profileAction(name) === 'allow', name: name ?? null }
  }

  /** What a profile does with everything, if it has rules; one that does not exist denies. */
  profileAction(name: string): 'allow' | 'deny' | null {
    if (name === 'projectcalico-default-allow') return 'allow'
    if (name.startsWith('ksa.')) return null
    const isKnown = name.startsWith('kns.') && this.catalog.hasNamespace(name.slice('kns.'.length))
    return isKnown ? 'allow' : 'deny'
  }

  /** Whether a HostEndpoint may deny anything: one without policies, whose profile allows everything, need not be asked. */
  isStrict(host: Endpoint): boolean {
    this.strict ??= new Set(
      this.catalog.hostInterfaces.map(({ endpoint }) => endpoint).filter((one) => this.mayDeny(one)),
    )
    return this.strict.has(host)
  }

  /** Nodes with such HostEndpoints. */
  get strictNodes(): ReadonlySet<string> {
    this.strictOnes ??= new Set(
      this.catalog.hostInterfaces
        .filter(({ endpoint }) => this.isStrict(endpoint))
        .map(({ endpoint }) => endpoint.node),
    )
    return this.strictOnes
  }

  private mayDeny(host: Endpoint): boolean {
    const stages: HostStage[] = ['untracked', 'pre-dnat', 'normal', 'forward']
    const directions: Direction[] = ['ingress', 'egress']
    const hasPolicy = stages.some((stage) =>
      directions.some((direction) => this.plan(host, stage, direction).length > 0),
    )
    return hasPolicy || !this.profile(host).allows
  }

  private ofNode(node: string): HostInterface[] {
    this.byNode ??= groupedByNode(this.catalog.hostInterfaces)
    return this.byNode.get(node) ?? []
  }

  private isAt(host: HostInterface, way: Way): boolean {
    if (isForAll(host)) return false
    const { name, endpoint } = host
    const isTunnel = tunnelNames.includes(name)
    if (way.kind === 'loopback') return name === 'lo'
    if (way.kind === 'workload') return false
    if (way.kind === 'tunnel') return isTunnel || (name === '' && this.ownsTunnel(endpoint))
    return !isTunnel && name !== 'lo' && this.mayHold(endpoint, way.address)
  }

  private ownsTunnel({ node, addresses }: Endpoint): boolean {
    // The catalog has a record for the node of every HostEndpoint.
    const own = this.catalog.nodes.get(node)!.tunnelAddresses.map(formatAddress)
    return addresses.some((address) => own.includes(formatAddress(address)))
  }

  /** A HostEndpoint without addresses is taken to be where the node's are. */
  private mayHold({ addresses }: Endpoint, wanted: Address | null): boolean {
    if (addresses.length === 0 || wanted === null) return true
    const text = formatAddress(wanted)
    return addresses.some((address) => formatAddress(address) === text)
  }
}

/** The way on which packets leave a node for somewhere else. */
export function outsideOf({ nodes }: Catalog, node: string, version: IpVersion): Way {
  return { kind: 'outside', address: nodes.addressOf(node, version) }
}

function groupedByNode(hosts: HostInterface[]): Map<string, HostInterface[]> {
  const groups = new Map<string, HostInterface[]>()
  for (const host of hosts) {
    const { node } = host.endpoint
    const known = groups.get(node)
    if (known) known.push(host)
    else groups.set(node, [host])
  }
  return groups
}

function isForAll({ name }: HostInterface): boolean {
  return name === '*'
}

function first(hosts: HostInterface[]): Endpoint | undefined {
  const [best] = hosts.map(({ endpoint }) => endpoint).sort((a, b) => (a.id < b.id ? -1 : 1))
  return best
}
