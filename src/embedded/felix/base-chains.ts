import { count, guard } from './counted.ts'
import { hostDispatch } from './host-chain.ts'
import {
  allMarks,
  clearMark,
  comment,
  hasMark,
  lacksMark,
  marks,
  type Rendering,
  setMark,
} from './rendering.ts'

const hooks = {
  'raw-PREROUTING': 'type filter hook prerouting priority raw; policy accept;',
  'filter-INPUT': 'type filter hook input priority filter; policy accept;',
  'filter-FORWARD': 'type filter hook forward priority filter; policy accept;',
  'filter-OUTPUT': 'type filter hook output priority filter; policy accept;',
}

const hostHooks = {
  'raw-OUTPUT': 'type filter hook output priority raw; policy accept;',
  'mangle-PREROUTING': 'type filter hook prerouting priority mangle; policy accept;',
  'mangle-POSTROUTING': 'type filter hook postrouting priority mangle; policy accept;',
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
 * The hooks and the dispatch to the endpoints' chains. Both walks of a packet between two pods of one node happen in the
 * same pass of `filter-FORWARD`. Where the node has HostEndpoints, these are asked in the order of Calico
 * (felix/rules/static.go).
 */
export function addBaseChains(rendering: Rendering, hasHosts: boolean): void {
  const base = (name: keyof typeof hooks, lines: string[]) =>
    rendering.chains.set(name, { hook: hooks[name], lines })
  const withHosts = (lines: string[]) => (hasHosts ? lines : [])
  base('raw-PREROUTING', [
    ...withHosts([`${clearMark(allMarks)} ${comment('nobody has decided yet')}`]),
    `${fromPod} meta nfproto ipv4 fib saddr . iif oif 0 ${guard(rendering, 'egress', 'spoofed')}`,
    // A link that has no address yet asks for one without.
    `${fromPod} ip6 saddr != :: fib saddr . iif oif 0 ${guard(rendering, 'egress', 'spoofed')}`,
    ...withHosts([`iifname != "cali*" jump ${hostDispatch.untracked.ingress}`]),
  ])
  base('filter-FORWARD', [
    `${clearMark(hasHosts ? allMarks & ~marks.accept : allMarks)} ${comment('policies see the destination after, the source before NAT')}`,
    ...withHosts([`${lacksMark(marks.accept)} jump ${hostDispatch.forward.ingress}`]),
    `${fromPod} jump ${dispatchChains.egress}`,
    `${toPod} jump ${dispatchChains.ingress}`,
    ...withHosts([`jump ${hostDispatch.forward.egress}`]),
    `${hasMark(marks.accept)} accept ${comment('every pod on the way has allowed it')}`,
    ...withHosts([`${setMark(marks.accept)} ${comment('forwarded: no host policy is asked again')}`]),
  ])
  base('filter-INPUT', [
    // Router and neighbour discovery and multicast listeners: without them a pod has no IPv6 at all.
    `${fromPod} icmpv6 type { 130, 131, 132, 133, 135, 136 } accept`,
    `${fromPod} jump ${dispatchChains.egress} ${comment('pod to its own node: egress policy alone')}`,
    `${fromPod} accept ${comment('DefaultEndpointToHostAction ACCEPT')}`,
    ...withHosts([
      `udp dport 4789 accept ${comment('VXLAN of the other nodes')}`,
      ...askedOnce(hostDispatch.normal.ingress),
    ]),
  ])
  const host = count(rendering, { kind: 'guard', direction: 'ingress', guard: 'host', action: 'allow' })
  base('filter-OUTPUT', [
    ...withHosts([`${hasMark(marks.accept)} accept ${comment('allowed before tracking')}`]),
    `${toPod} ct state new ${host} accept ${comment('node to its own pod: always allowed')}`,
    ...withHosts([
      `${toPod} accept`,
      `udp dport 4789 accept ${comment('VXLAN to the other nodes')}`,
      `${clearMark(allMarks)}`,
      `ct status & dnat == 0 jump ${hostDispatch.normal.egress} ${comment('after DNAT the way out is not known yet')}`,
    ]),
  ])
  if (hasHosts) addHostHooks(rendering)
  rendering.chains.set(dispatchChains.egress, {
    lines: [`iifname vmap @${dispatchMaps.egress}`, guard(rendering, 'egress', 'unknown-interface')],
  })
  rendering.chains.set(dispatchChains.ingress, {
    lines: [`oifname vmap @${dispatchMaps.ingress}`, guard(rendering, 'ingress', 'unknown-interface')],
  })
}

/** Hooks that only HostEndpoints need. */
function addHostHooks(rendering: Rendering): void {
  const add = (name: keyof typeof hostHooks, lines: string[]) =>
    rendering.chains.set(name, { hook: hostHooks[name], lines })
  add('raw-OUTPUT', [clearMark(allMarks), `jump ${hostDispatch.untracked.egress}`])
  add('mangle-PREROUTING', [
    'ct state established,related accept',
    ...askedOnce(hostDispatch['pre-dnat'].ingress, { keepsMarks: true }),
  ])
  add('mangle-POSTROUTING', [
    `${hasMark(marks.accept)} accept ${comment('forwarded, or decided already')}`,
    clearMark(allMarks),
    `ct status & dnat == dnat jump ${hostDispatch.normal.egress}`,
  ])
}

/** Asks a host, unless an earlier stage has allowed the packet. */
function askedOnce(dispatch: string, { keepsMarks = false } = {}): string[] {
  return [
    `${hasMark(marks.accept)} accept ${comment('an earlier policy of the host has allowed it')}`,
    ...(keepsMarks ? [] : [clearMark(allMarks)]),
    `jump ${dispatch}`,
  ]
}

/** What `ZTLAB_TEST_EMPTY_FELIX` asks for: the hooks, and nothing in them. */
export function addEmptyBaseChains(rendering: Rendering): void {
  for (const [name, hook] of Object.entries(hooks)) rendering.chains.set(name, { hook, lines: [] })
}
