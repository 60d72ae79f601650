import type { NftSet } from '../../kernel/index.ts'
import type { Direction, EndpointRules, PolicyChain, RuleTable } from '../../policy/index.ts'
import { addBaseChains, addEmptyBaseChains, dispatchMaps } from './base-chains.ts'
import { addEndpointChain, endpointChainName } from './endpoint-chain.ts'
import { interfaceName } from './interface-name.ts'
import { addPolicyChain } from './policy-chain.ts'
import type { Rendering } from './rendering.ts'
import { Sets } from './sets.ts'

export interface RenderOptions {
  /** A table that accepts everything: a test uses it to prove that packets are decided by what is rendered. */
  empty?: boolean
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
  addBaseChains(rendering)
  const endpoints = table.endpoints.filter((endpoint) => endpoint.node === node)
  const chains = new Map(table.chains.map((chain) => [chainKey(chain.id, chain.direction), chain]))
  for (const direction of directions) {
    rendering.sets.set(dispatchMaps[direction], dispatchMap(endpoints, direction))
    const isStaged = (id: string) => chainOf(chains, id, direction).staged
    for (const rules of endpoints) addEndpointChain(rendering, { rules, direction, isStaged })
  }
  const sets = new Sets(table)
  for (const chain of usedChains(endpoints, chains)) addPolicyChain(rendering, chain, sets)
  for (const [name, set] of sets.used) rendering.sets.set(name, set)
  return rendering
}

function dispatchMap(endpoints: EndpointRules[], direction: Direction): NftSet {
  const elements = endpoints.map(
    ({ endpoint }) => `"${interfaceName(endpoint)}" : goto ${endpointChainName(endpoint, direction)}`,
  )
  return { keyword: 'map', type: 'ifname : verdict', interval: false, elements: elements.sort() }
}

function usedChains(endpoints: EndpointRules[], chains: Map<string, PolicyChain>): Set<PolicyChain> {
  const used = new Set<PolicyChain>()
  for (const endpoint of endpoints) {
    for (const direction of directions) {
      const { tiers, profiles } = endpoint[direction]
      const ids = [...tiers.flatMap((tier) => tier.policies), ...profiles]
      for (const id of ids) used.add(chainOf(chains, id, direction))
    }
  }
  return used
}

function chainOf(chains: Map<string, PolicyChain>, id: string, direction: Direction): PolicyChain {
  const chain = chains.get(chainKey(id, direction))
  if (!chain) throw new Error(`the rule table names chain ${id} ${direction}, which it does not hold`)
  return chain
}

function chainKey(id: string, direction: Direction): string {
  return `${direction} ${id}`
}
