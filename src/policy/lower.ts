import { formatCidr, type IpVersion } from '../cidr.ts'
import {
  addressText,
  cidrTexts,
  type Endpoint,
  type Model,
  ofVersion,
  type Peer,
  type Policy,
  type Rule,
  type TierPlan,
} from './model/index.ts'
import type {
  AddressSet,
  Direction,
  DirectionRules,
  EndpointRules,
  HostRules,
  HostStage,
  LoweredRule,
  PeerMatch,
  PolicyChain,
  PortSet,
  RuleTable,
} from './rules.ts'

/**
 * The model as plain ordered rules, for the pods that have an address and the hosts that policies may close: only
 * chains and sets that some of them use.
 * What no policy decides (established connections, a node and its own pods, a pod's own tunnels) is not in it.
 */
export function lower(model: Model): RuleTable {
  const lowering = new Lowering(model)
  const pods = [...model.pods.values()].filter(({ addresses }) => addresses.length > 0)
  const endpoints = pods.map((pod) => lowering.endpoint(pod))
  const hosts = [...model.hosts.strictNodes].flatMap((node) => lowering.hosts(node))
  return { ...lowering.parts(), endpoints, hosts, failsafe: failsafeOf(model) }
}

/** What a policy's rules of one direction came to, by the first of them. */
const chainsOfDrafts = new WeakMap<Rule['draft'], PolicyChain>()

class Lowering {
  private readonly model: Model
  private readonly addressSets = new Map<string, AddressSet>()
  private readonly portSets = new Map<string, PortSet>()
  private readonly chains = new Map<string, PolicyChain>()
  private readonly tierRules = new Map<TierPlan, DirectionRules['tiers'][number]>()

  constructor(model: Model) {
    this.model = model
  }

  parts(): Pick<RuleTable, 'addressSets' | 'portSets' | 'chains'> {
    return {
      addressSets: [...this.addressSets.values()],
      portSets: [...this.portSets.values()],
      chains: [...this.chains.values()],
    }
  }

  endpoint(pod: Endpoint): EndpointRules {
    return {
      endpoint: pod.id,
      node: pod.node,
      addresses: pod.addresses.map(addressText),
      ingress: this.direction(pod, 'ingress'),
      egress: this.direction(pod, 'egress'),
    }
  }

  hosts(node: string): HostRules[] {
    const { hosts } = this.model
    return [...hosts.interfacesOf(node)].map(([host, interfaces]) => ({
      endpoint: host.id,
      node,
      interfaces,
      stages: {
        untracked: this.stage(host, 'untracked'),
        'pre-dnat': this.stage(host, 'pre-dnat'),
        normal: this.stage(host, 'normal'),
        forward: this.stage(host, 'forward'),
      },
    }))
  }

  private stage(host: Endpoint, stage: HostStage): HostRules['stages'][HostStage] {
    const profiles = stage === 'normal' ? host.profiles : []
    const rules = (direction: Direction): DirectionRules => ({
      tiers: this.model.hosts.plan(host, stage, direction).map((plan) => this.tier(plan, direction)),
      profiles: profiles.map((profile) => this.profile(profile, direction)),
    })
    return { ingress: rules('ingress'), egress: rules('egress') }
  }

  private direction(pod: Endpoint, direction: Direction): DirectionRules {
    const tiers = this.model.plan(pod, direction).map((plan) => this.tier(plan, direction))
    return { tiers, profiles: pod.profiles.map((profile) => this.profile(profile, direction)) }
  }

  private tier(plan: TierPlan, direction: Direction): DirectionRules['tiers'][number] {
    const known = this.tierRules.get(plan)
    if (known) return known
    for (const policy of plan.policies) this.chain(policy, direction)
    const lowered = {
      name: plan.tier.name,
      policies: plan.policies.map(({ id }) => id),
      endAction: plan.endAction,
      stagedEndAction: plan.tier.endAction,
      endOwner: plan.endOwner?.id ?? null,
    }
    this.tierRules.set(plan, lowered)
    return lowered
  }

  private chain({ id, staged, rules }: Policy, direction: Direction): void {
    const key = `${direction} ${id}`
    if (this.chains.has(key)) return
    this.chains.set(key, this.lowered({ id, direction, staged }, rules[direction]!))
  }

  /** An unchanged policy comes to the same chain, whatever its sets hold by now. */
  private lowered(chain: Omit<PolicyChain, 'rules'>, rules: Rule[]): PolicyChain {
    const known = rules[0] && chainsOfDrafts.get(rules[0].draft)
    if (!known) {
      const lowered = { ...chain, rules: rules.flatMap((rule) => this.rule(rule)) }
      if (rules[0]) chainsOfDrafts.set(rules[0].draft, lowered)
      return lowered
    }
    for (const { source, destination } of rules)
      for (const { groups, notGroups, portGroups, notPortGroups } of [source, destination]) {
        for (const group of [...groups, ...notGroups]) this.set(this.addressSets, group)
        for (const group of [...portGroups, ...notPortGroups]) this.set(this.portSets, group)
      }
    return known
  }

  private profile(name: string, direction: Direction): string {
    const id = `pro/${name}`
    const key = `${direction} ${id}`
    if (this.chains.has(key)) return id
    const action = this.model.hosts.profileAction(name)
    const match = { source: anyPeer(), destination: anyPeer() }
    const rules: LoweredRule[] = action ? [{ action, index: 0, match }] : []
    this.chains.set(key, { id, direction, staged: false, rules })
    return id
  }

  /** One rule; two where its CIDRs are of both families; none where no packet can match. */
  private rule(rule: Rule): LoweredRule[] {
    const { versions, action, index, protocol, notProtocol, icmp, notIcmp } = rule
    const cidrs = [rule.source, rule.destination].flatMap(({ nets, notNets }) => [...nets, ...notNets])
    const alike = versions.length === 2 && cidrs.length === 0
    return (alike ? [undefined] : versions).map((ipVersion) => {
      const source = this.peer(rule.source, ipVersion)
      const destination = this.peer(rule.destination, ipVersion)
      const match = { ipVersion, protocol, notProtocol, icmp, notIcmp, source, destination }
      return { action, index, match: withoutUndefined(match) }
    })
  }

  private peer(peer: Peer, version: IpVersion | undefined): PeerMatch {
    const { groups, notGroups, nets, notNets, ports, portGroups, notPorts, notPortGroups } = peer
    const texts = (list: Peer['nets']) => cidrTexts(version ? ofVersion(list, version) : list)
    return {
      inSets: groups.map((group) => this.set(this.addressSets, group)),
      notInSets: notGroups.map((group) => this.set(this.addressSets, group)),
      nets: texts(nets),
      notNets: texts(notNets),
      ports,
      portSets: portGroups.map((group) => this.set(this.portSets, group)),
      notPorts,
      notPortSets: notPortGroups.map((group) => this.set(this.portSets, group)),
    }
  }

  private set<Lowered>(sets: Map<string, Lowered>, group: { id: string; lower(): Lowered }): string {
    if (!sets.has(group.id)) sets.set(group.id, group.lower())
    return group.id
  }
}

function failsafeOf({ hosts: { failsafe } }: Model): RuleTable['failsafe'] {
  const list = (direction: Direction) =>
    failsafe
      .list(direction)
      .map(({ protocol, port, net }) => ({ protocol, port, net: net && formatCidr(net) }))
  return { ingress: list('ingress'), egress: list('egress') }
}

function anyPeer(): PeerMatch {
  return {
    inSets: [],
    notInSets: [],
    nets: [],
    notNets: [],
    ports: [],
    portSets: [],
    notPorts: [],
    notPortSets: [],
  }
}

function withoutUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Value
}
