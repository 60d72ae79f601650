import type { EndpointRules, PolicyChain } from '../../policy/index.ts'
import type { Rendering } from './rendering.ts'
import type { AskedSet, Sets } from './sets.ts'

/** A part of a rendering that is the same as long as what it was made from is. */
type Fragment = Rendering

interface PolicyFragment extends Fragment {
  /** The names that sets had: a family that has no member yet has no set, and its rules are left out. */
  asked: AskedSet[]
}

type Make = (fragment: Rendering) => void

/** What policies came to, by the lowered policy, of which there is one for as long as the policy is not changed. */
const ofPolicies = new WeakMap<PolicyChain, Map<string, PolicyFragment>>()

/** Adds what `make` renders of a policy, or what it rendered before. `part` tells the policy's chains apart. */
export function addPolicyFragment(
  rendering: Rendering,
  { chain, part, sets }: { chain: PolicyChain; part: string; sets: Sets },
  make: Make,
): void {
  const known = ofPolicies.get(chain) ?? new Map<string, PolicyFragment>()
  ofPolicies.set(chain, known)
  let fragment = known.get(part)
  if (!fragment || !sets.answerAlike(fragment.asked)) {
    const fresh = emptyPart()
    const asked = sets.recording(() => make(fresh))
    fragment = { ...fresh, asked }
    known.set(part, fragment)
  }
  add(rendering, fragment)
}

/** What the endpoints of one node came to last time: chains of endpoints whose rules have not changed are kept. */
export class EndpointFragments {
  private known = new Map<string, { from: string; fragment: Fragment }>()
  private used = new Map<string, { from: string; fragment: Fragment }>()

  /** Adds what `make` renders of an endpoint, or what it rendered before. `part` tells the endpoint's chains apart. */
  add(
    rendering: Rendering,
    { rules, part }: { rules: EndpointRules; part: 'ingress' | 'egress' },
    make: Make,
  ): void {
    const key = `${part} ${rules.endpoint}`
    const from = JSON.stringify(rules[part])
    const known = this.known.get(key)
    const fragment = known?.from === from ? known.fragment : emptyPart()
    if (fragment !== known?.fragment) make(fragment)
    this.used.set(key, { from, fragment })
    add(rendering, fragment)
  }

  /** Forgets the endpoints that have not been added since the last time. */
  next(): void {
    this.known = this.used
    this.used = new Map()
  }
}

function emptyPart(): Rendering {
  return { counters: new Map(), sets: new Map(), chains: new Map() }
}

function add(rendering: Rendering, { counters, chains }: Fragment): void {
  for (const [name, meaning] of counters) rendering.counters.set(name, meaning)
  for (const [name, chain] of chains) rendering.chains.set(name, chain)
}
