import type { Decider } from './evaluate/index.ts'
import { describePolicy } from './model/index.ts'

/** What decided, in a few words: `rule 0 of NetworkPolicy shop/web`. */
export function describeDecider(decider: Decider): string {
  const { kind, name, rule, tier } = decider
  if (kind === 'Guard') return `${name} is dropped before any policy`
  if (kind === 'Failsafe') return `${name} is a failsafe port`
  if (kind === 'HostEndpoint') return `no policy or profile of HostEndpoint ${name} allows it`
  if (kind === 'Profile') return 'no policy decided'
  if (rule === null) return `end of tier ${tier} (isolated by ${describePolicy(decider)})`
  return `rule ${rule} of ${describePolicy(decider)}${tier === 'default' ? '' : ` in tier ${tier}`}`
}
