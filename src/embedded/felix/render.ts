import type { NftSet } from '../../kernel/index.ts'
import type {
  Direction,
  EndpointRules,
  HostRules,
  PolicyChain,
  RuleTable,
  TierRules,
} from '../../policy/index.ts'
import { addBaseChains, addEmptyBaseChains, dispatchMaps } from './base-chains.ts'
import { addEndpointChain, endpointChainName } from './endpoint-chain.ts'
import { addPolicyFragment, EndpointFragments } from './fragments.ts'
import { addHostChains } from './host-chain.ts'
import { interfaceName } from './interface-name.ts'
import { addPendingChain, addPolicyChain } from './policy-chain.ts'
import type { Rendering } from './rendering.ts'
import { Sets } from './sets.ts'

export interface RenderOptions {
  /** A table that accepts everything: a test uses it to prove that packets are decided by what is rendered. */
  empty?: boolean
  /** What the node's endpoints came to last time. */
  fragments?: EndpointFragments
}

const directions: Direction[] = ['egress', 'ingress']

/**
 * The nftables objects of one node: its endpoints, and the policies, profiles and sets that these use. Pure.
 * Chains, maps and marks have Calico's names and meaning (v3.32, felix/rules), so that what is learnt here holds on
 * a real node; unlike Calico every rule that decides has a named counter and a comment.
 */
export function render(table: RuleTable, node: string, options: RenderOptions = {}): Rendering {
  const rendering: Rendering = { counters: new Map(), sets: new Map(), chains: new Map() }
  if (options.empty) {
    addEmptyBaseChains(rendering)
    return rendering
  }
  const hosts = table.hosts.filter((host) => host.node === node)
  addBaseChains(rendering, hosts.length > 0)
  if (hosts.length > 0) addHostChains(rendering, { hosts, failsafe: table.failsafe })
  const { fragments = new EndpointFragments() } = options
  const endpoints = table.endpoints.filter((endpoint) => endpoint.node === node)
  const chains = { ingress: new Map<string, PolicyChain>(), egress: new Map<string, PolicyChain>() }
  for (const chain of table.chains) chains[chain.direction].set(chain.id, chain)
  for (const direction of directions) {
    rendering.sets.set(dispatchMaps[direction], dispatchMap(endpoints, direction))
    const known = (id: string) => chainOf(chains, id, direction)
    for (const rules of endpoints)
      fragments.add(rendering, { rules, part: direction }, (part) =>
        addEndpointChain(part, { rules, direction, chainOf: known }),
      )
  }
  fragments.next()
  const sets = new Sets(table)
  const used = usedChains({ endpoints, hosts, chains })
  for (const chain of used.enforced)
    addPolicyFragment(rendering, { chain, part: 'enforced', sets }, (part) =>
      addPolicyChain(part, chain, sets),
    )
  for (const chain of used.pending)
    addPolicyFragment(rendering, { chain, part: 'pending', sets }, (part) =>
      addPendingChain(part, chain, sets),
    )
  for (const [name, set] of sets.used) rendering.sets.set(name, set)
  return rendering
}

function dispatchMap(endpoints: EndpointRules[], direction: Direction): NftSet {
  const elements = endpoints.map(
    ({ endpoint }) => `"${interfaceName(endpoint)}" : goto ${endpointChainName(endpoint, direction)}`,
  )
  return { keyword: 'map', type: 'ifname : verdict', interval: false, elements: elements.sort() }
}

interface UsedBy {
  endpoints: EndpointRules[]
  hosts: HostRules[]
  chains: Chains
}

type Chains = Record<Direction, Map<string, PolicyChain>>

/** Policies and profiles that decide, and those that are asked what they would decide. */
function usedChains({ endpoints, hosts, chains }: UsedBy) {
  const enforced = new Set<PolicyChain>()
  const pending = new Set<PolicyChain>()
  // Endpoints share the tiers in which the same policies govern them.
  const ofTiers = new Map<TierRules, PolicyChain[]>()
  for (const rules of endpoints) {
    for (const direction of directions) {
      const { tiers, profiles } = rules[direction]
      for (const tier of tiers) {
        if (ofTiers.has(tier)) continue
        const policies = tier.policies.map((id) => chainOf(chains, id, direction))
        ofTiers.set(tier, policies)
        for (const chain of policies) if (!chain.staged) enforced.add(chain)
      }
      for (const id of profiles) enforced.add(chainOf(chains, id, direction))
      const policies = tiers.map((tier) => ofTiers.get(tier)!)
      if (policies.some((list) => list.some(({ staged }) => staged)))
        for (const chain of policies.flat()) pending.add(chain)
    }
  }
  for (const { stages } of hosts)
    for (const stage of Object.values(stages))
      for (const direction of directions) {
        const { tiers, profiles } = stage[direction]
        for (const id of [...tiers.flatMap((tier) => tier.policies), ...profiles])
          enforced.add(chainOf(chains, id, direction))
      }
  return { enforced, pending }
}

function chainOf(chains: Chains, id: string, direction: Direction): PolicyChain {
  const chain = chains[direction].get(id)
  if (!chain) throw new Error(`the rule table names chain ${id} ${direction}, which it does not hold`)
  return chain
}
