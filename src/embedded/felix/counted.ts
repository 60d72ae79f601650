import type { Direction } from '../../policy/index.ts'
import { type CounterFields, counterMeaning, counterName } from './counter-name.ts'
import { comment, type Rendering } from './rendering.ts'

/** Declares a named counter and returns the statement that moves it. */
export function count(rendering: Rendering, fields: CounterFields): string {
  const name = counterName(fields)
  rendering.counters.set(name, counterMeaning(fields))
  return `counter name "${name}"`
}

/** Statements that count and drop what no policy is asked about. */
export function guard(rendering: Rendering, direction: Direction, what: Guard): string {
  const counted = count(rendering, { kind: 'guard', direction, guard: what, action: 'deny' })
  return `${counted} drop ${comment(guardComments[what])}`
}

type Guard = keyof typeof guardComments

const guardComments = {
  invalid: 'conntrack: packet of no known flow',
  vxlan: 'encapsulation guard: no VXLAN from a pod',
  ipip: 'encapsulation guard: no IPIP from a pod',
  'unknown-interface': 'Unknown interface',
  spoofed: 'anti-spoofing: the source address is not routed back to this interface',
}
