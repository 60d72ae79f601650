import type { VirtualPort } from './virtual-port.ts'

/**
 * The table `ip kube-proxy` of a node, as one transaction that replaces the whole of it: what kube-proxy does for
 * ClusterIPs in its nftables mode. Connections that are established keep their translation (conntrack).
 * Policy sees the endpoint's address, not the ClusterIP: destination NAT happens before the forward hook.
 */
export function renderServices(ports: VirtualPort[]): string {
  const served = ports.filter(({ endpoints }) => endpoints.length > 0)
  const empty = ports.filter(({ endpoints }) => endpoints.length === 0)
  return [
    'add table ip kube-proxy',
    'delete table ip kube-proxy',
    'table ip kube-proxy {',
    ...portsTable(
      'service-ports',
      ': verdict',
      served.map((port) => `${keyOf(port)} : goto ${chainOf(port)}`),
    ),
    ...portsTable('no-endpoints', '', empty.map(keyOf)),
    ...hairpins(served),
    ...served.flatMap(serviceChain),
    ...baseChains,
    '}',
    '',
  ].join('\n')
}

const translate = 'ip daddr . meta l4proto . th dport vmap @service-ports'
const refuse = 'ip daddr . meta l4proto . th dport @no-endpoints reject'

const baseChains = [
  ...chain('nat-prerouting', 'type nat hook prerouting priority dstnat; policy accept;', [translate]),
  ...chain('nat-output', 'type nat hook output priority -100; policy accept;', [translate]),
  // An endpoint that reaches itself through its Service would not know its own answer: the node asks in its place.
  ...chain('nat-postrouting', 'type nat hook postrouting priority srcnat; policy accept;', [
    'ip saddr . ip daddr @hairpins masquerade fully-random',
  ]),
  ...chain('filter-forward', 'type filter hook forward priority -110; policy accept;', [refuse]),
  ...chain('filter-output', 'type filter hook output priority -110; policy accept;', [refuse]),
]

function serviceChain(port: VirtualPort): string[] {
  const { endpoints, protocol } = port
  const first = endpoints[0]!
  const target =
    endpoints.length === 1
      ? `meta l4proto ${protocol} dnat to ${first.address}:${first.port}`
      : `meta l4proto ${protocol} dnat to numgen random mod ${endpoints.length} map { ${endpoints
          .map(({ address, port: number }, index) => `${index} : ${address} . ${number}`)
          .join(', ')} }`
  return chain(chainOf(port), `comment "${port.title}"`, [target])
}

function hairpins(ports: VirtualPort[]): string[] {
  const addresses = new Set(ports.flatMap(({ endpoints }) => endpoints.map(({ address }) => address)))
  const elements = [...addresses].sort().map((address) => `${address} . ${address}`)
  return ['  set hairpins {', '    type ipv4_addr . ipv4_addr', ...elementsOf(elements), '  }']
}

/** A map where `value` says what an element leads to, a set where it is empty. */
function portsTable(name: string, value: string, elements: string[]): string[] {
  const kind = value === '' ? 'set' : 'map'
  return [
    `  ${kind} ${name} {`,
    `    type ipv4_addr . inet_proto . inet_service ${value}`,
    ...elementsOf(elements),
    '  }',
  ]
}

function elementsOf(elements: string[]): string[] {
  return elements.length > 0 ? [`    elements = { ${elements.join(',\n      ')} }`] : []
}

function chain(name: string, head: string, rules: string[]): string[] {
  return [`  chain ${name} {`, `    ${head}`, ...rules.map((rule) => `    ${rule}`), '  }']
}

function keyOf({ address, protocol, port }: VirtualPort): string {
  return `${address} . ${protocol} . ${port}`
}

function chainOf({ title }: VirtualPort): string {
  return `service-${title.replace(':', '/')}`
}
