import { count, guard } from './counted.ts'
import { allMarks, clearMark, comment, hasMark, marks, type Rendering } from './rendering.ts'

const hooks = {
  'raw-PREROUTING': 'type filter hook prerouting priority raw; policy accept;',
  'filter-INPUT': 'type filter hook input priority filter; policy accept;',
  'filter-FORWARD': 'type filter hook forward priority filter; policy accept;',
  'filter-OUTPUT': 'type filter hook output priority filter; policy accept;',
}

/** The verdict maps: interface of a pod to its chain. */
export const dispatchMaps = { egress: 'cali-from-wl-dispatch', ingress: 'cali-to-wl-dispatch' } as const

const dispatchChains = {
  egress: 'filter-cali-from-wl-dispatch',
  ingress: 'filter-cali-to-wl-dispatch',
} as const

const fromPod = 'iifname "cali*"'
const toPod = 'oifname "cali*"'

/**
 * The hooks and the dispatch to the endpoints' chains, the same on every node. Both walks of a packet between two
 * pods of one node happen in the same pass of `filter-FORWARD`.
 */
export function addBaseChains(rendering: Rendering): void {
  const base = (name: keyof typeof hooks, lines: string[]) =>
    rendering.chains.set(name, { hook: hooks[name], lines })
  base('raw-PREROUTING', [
    `${fromPod} meta nfproto ipv4 fib saddr . iif oif 0 ${guard(rendering, 'egress', 'spoofed')}`,
  ])
  base('filter-FORWARD', [
    `${clearMark(allMarks)} ${comment('policies see the destination after, the source before NAT')}`,
    `${fromPod} jump ${dispatchChains.egress}`,
    `${toPod} jump ${dispatchChains.ingress}`,
    `${hasMark(marks.accept)} accept ${comment('every pod on the way has allowed it')}`,
  ])
  base('filter-INPUT', [
    // Router and neighbour discovery and multicast listeners: without them a pod has no IPv6 at all.
    `${fromPod} icmpv6 type { 130, 131, 132, 133, 135, 136 } accept`,
    `${fromPod} jump ${dispatchChains.egress} ${comment('pod to its own node: egress policy alone')}`,
    `${fromPod} accept ${comment('DefaultEndpointToHostAction ACCEPT')}`,
  ])
  const host = count(rendering, { kind: 'guard', direction: 'ingress', guard: 'host', action: 'allow' })
  base('filter-OUTPUT', [
    `${toPod} ct state new ${host} accept ${comment('node to its own pod: always allowed')}`,
  ])
  rendering.chains.set(dispatchChains.egress, {
    lines: [`iifname vmap @${dispatchMaps.egress}`, guard(rendering, 'egress', 'unknown-interface')],
  })
  rendering.chains.set(dispatchChains.ingress, {
    lines: [`oifname vmap @${dispatchMaps.ingress}`, guard(rendering, 'ingress', 'unknown-interface')],
  })
}

/** What `ZTLAB_TEST_EMPTY_FELIX` asks for: the hooks, and nothing in them. */
export function addEmptyBaseChains(rendering: Rendering): void {
  for (const [name, hook] of Object.entries(hooks)) rendering.chains.set(name, { hook, lines: [] })
}
