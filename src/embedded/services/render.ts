import type { Endpoint, VirtualPort } from './virtual-port.ts'

/** kube-proxy's own mark: whom a node port has led to another node has to come back the same way. */
const masqueradeMark = '0x4000'

/**
 * The table `ip kube-proxy` of a node, as one transaction that replaces the whole of it: what kube-proxy does for
 * ClusterIPs and node ports in its nftables mode. Connections that are established keep their translation (conntrack).
 * Policy sees the endpoint's address, not the Service's: destination NAT happens before the forward hook.
 */
export function renderServices(ports: VirtualPort[], node = ''): string {
  const views = ports.map((port) => viewFrom(port, node))
  const served = views.filter(({ port }) => port.endpoints.length > 0)
  const empty = views.filter(({ port }) => port.endpoints.length === 0).map(({ port }) => port)
  const onNode = served.filter(({ port }) => port.nodePort)
  const external = empty.filter(({ nodePort }) => nodePort)
  return [
    'add table ip kube-proxy',
    'delete table ip kube-proxy',
    'table ip kube-proxy {',
    ...table('service-ports', {
      type: clusterPort,
      value: ': verdict',
      elements: served.map((view) => `${keyOf(view.port)} : ${goTo('service', view.port, view.internal)}`),
    }),
    ...table('no-endpoints', { type: clusterPort, elements: empty.map(keyOf) }),
    ...(onNode.length > 0 ? nodePortMap(onNode) : []),
    ...(external.length > 0
      ? table('no-endpoints-node-ports', { type: nodePort, elements: external.map(nodeKeyOf) })
      : []),
    ...hairpins(ports),
    ...served.flatMap(serviceChain),
    ...onNode.flatMap(externalChain),
    ...baseChains({ hasNodePorts: onNode.length > 0, hasRefusedNodePorts: external.length > 0 }),
    '}',
    '',
  ].join('\n')
}

/** A port with the endpoints that this node's traffic may go to. */
interface View {
  port: VirtualPort
  internal: Endpoint[]
  external: Endpoint[]
}

const clusterPort = 'ipv4_addr . inet_proto . inet_service'
const nodePort = 'inet_proto . inet_service'

const translate = 'ip daddr . meta l4proto . th dport vmap @service-ports'
const translateNodePort =
  'fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @node-ports'
const refuse = 'ip daddr . meta l4proto . th dport @no-endpoints reject'
const refuseNodePort = 'fib daddr type local meta l4proto . th dport @no-endpoints-node-ports reject'

function viewFrom(port: VirtualPort, node: string): View {
  const here = port.endpoints.filter((endpoint) => endpoint.node === node)
  const { internal, external } = port.isLocal
  return {
    port,
    internal: internal ? here : port.endpoints,
    external: external ? here : port.endpoints,
  }
}

function baseChains(has: { hasNodePorts: boolean; hasRefusedNodePorts: boolean }): string[] {
  const translations = [translate, ...(has.hasNodePorts ? [translateNodePort] : [])]
  const marked = `meta mark & ${masqueradeMark} == ${masqueradeMark}`
  return [
    ...chain('nat-prerouting', 'type nat hook prerouting priority dstnat; policy accept;', translations),
    ...chain('nat-output', 'type nat hook output priority -100; policy accept;', translations),
    ...chain('nat-postrouting', 'type nat hook postrouting priority srcnat; policy accept;', [
      // An endpoint that reaches itself through its Service would not know its own answer: the node asks in its place.
      'ip saddr . ip daddr @hairpins masquerade fully-random',
      ...(has.hasNodePorts
        ? [`${marked} meta mark set meta mark ^ ${masqueradeMark} masquerade fully-random`]
        : []),
    ]),
    ...chain('filter-forward', 'type filter hook forward priority -110; policy accept;', [refuse]),
    ...chain('filter-output', 'type filter hook output priority -110; policy accept;', [refuse]),
    ...(has.hasRefusedNodePorts
      ? chain('filter-input', 'type filter hook input priority -110; policy accept;', [refuseNodePort])
      : []),
  ]
}

function serviceChain({ port, internal }: View): string[] {
  if (internal.length === 0) return []
  return chain(chainOf('service', port), `comment "${port.title}"`, [balance(port, internal)])
}

/** What comes to a node port: kept on the node with its source, or sent to any endpoint under the node's address. */
function externalChain({ port, external }: View): string[] {
  if (external.length === 0) return []
  const mark = port.isLocal.external ? [] : [`meta mark set meta mark | ${masqueradeMark}`]
  return chain(chainOf('external', port), `comment "${port.title}"`, [...mark, balance(port, external)])
}

/**
 * Which endpoint a connection gets: any, or with session affinity always the same for a client. The choice follows from
 * the client's address, so nothing has to be remembered; it changes when the endpoints do.
 */
function balance({ protocol, isSticky }: VirtualPort, endpoints: Endpoint[]): string {
  const first = endpoints[0]!
  if (endpoints.length === 1) return `meta l4proto ${protocol} dnat to ${first.address}:${first.port}`
  const choice = isSticky ? 'jhash ip saddr' : 'numgen random'
  const map = endpoints.map(({ address, port }, index) => `${index} : ${address} . ${port}`).join(', ')
  return `meta l4proto ${protocol} dnat to ${choice} mod ${endpoints.length} map { ${map} }`
}

function nodePortMap(views: View[]): string[] {
  return table('node-ports', {
    type: nodePort,
    value: ': verdict',
    elements: views.map(({ port, external }) => `${nodeKeyOf(port)} : ${goTo('external', port, external)}`),
  })
}

function hairpins(ports: VirtualPort[]): string[] {
  const addresses = new Set(ports.flatMap(({ endpoints }) => endpoints.map(({ address }) => address)))
  const elements = [...addresses].sort().map((address) => `${address} . ${address}`)
  return ['  set hairpins {', '    type ipv4_addr . ipv4_addr', ...elementsOf(elements), '  }']
}

/** A map where `value` says what an element leads to, a set where it is left out. */
function table(
  name: string,
  { type, value = '', elements }: { type: string; value?: string; elements: string[] },
): string[] {
  const kind = value === '' ? 'set' : 'map'
  return [`  ${kind} ${name} {`, `    type ${type} ${value}`, ...elementsOf(elements), '  }']
}

function elementsOf(elements: string[]): string[] {
  return elements.length > 0 ? [`    elements = { ${elements.join(',\n      ')} }`] : []
}

function chain(name: string, head: string, rules: string[]): string[] {
  return [`  chain ${name} {`, `    ${head}`, ...rules.map((rule) => `    ${rule}`), '  }']
}

/** Where a policy keeps traffic on a node without endpoints, it is dropped, as kube-proxy does. */
function goTo(kind: 'service' | 'external', port: VirtualPort, endpoints: Endpoint[]): string {
  return endpoints.length > 0 ? `goto ${chainOf(kind, port)}` : 'drop'
}

function keyOf({ address, protocol, port }: VirtualPort): string {
  return `${address} . ${protocol} . ${port}`
}

function nodeKeyOf({ protocol, nodePort: number }: VirtualPort): string {
  return `${protocol} . ${number}`
}

function chainOf(kind: 'service' | 'external', { title }: VirtualPort): string {
  return `${kind}-${title.replace(':', '/')}`
}
