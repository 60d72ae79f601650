import type { IpVersion } from '../../cidr.ts'
import { applyNft, changeNetwork, command, netnsPath } from '../../kernel/index.ts'
import {
  type Block,
  type ByFamily,
  type NodeAddresses,
  nodeBlock,
  tunnelAddress,
  tunnelMac,
  tunnels,
  underlayAddress,
  underlayGateways,
  underlayMtu,
  underlayNetworks,
} from './addresses.ts'
import { outgoingNat } from './outgoing-nat.ts'

/**
 * Makes the network below the pods: a bridge in the node agent's own namespace as the wire between nodes, one network
 * namespace per node, and VXLAN between the nodes' blocks. That namespace is also the nodes' router. Nothing leads out of
 * it: what is sent to an address that nobody here has is silently dropped, as an internet host behind a firewall would
 * be.
 */
export async function createUnderlay(nodes: NodeAddresses[]): Promise<void> {
  const { families } = nodes[0]!
  await changeNetwork({
    sysctlsFirst: merged(families, forwarding),
    ip: [
      'link set lo up',
      `link add underlay mtu ${underlayMtu} type bridge`,
      ...families.map((family) => ownAddress(family, underlayGateways[family], 'underlay')),
      'link set underlay up',
      ...families.map((family) => `route add blackhole ${everywhere[family]}`),
      ...nodes.flatMap(nodeLink),
    ],
  })
  await Promise.all(nodes.map((node) => createNode(node, nodes)))
}

/** Teaches every other node the way to a block that `owner` has claimed. */
export async function routeBlock(owner: NodeAddresses, block: Block, nodes: NodeAddresses[]): Promise<void> {
  await Promise.all(
    nodes.map((node) =>
      changeNetwork({
        netns: netnsPath(node.name),
        ip: [node.name === owner.name ? ownBlock(block) : remoteBlock(owner, block)],
      }),
    ),
  )
}

/** Names of the nodes whose link to the others is up. */
export async function linkedNodes(): Promise<Set<string>> {
  const links: { ifname: string; operstate: string }[] = JSON.parse(
    await command(['ip', '-json', 'link', 'show', 'master', 'underlay']),
  )
  return new Set(links.filter(({ operstate }) => operstate === 'UP').map(({ ifname }) => ifname))
}

function nodeLink(node: NodeAddresses): string[] {
  return [
    `netns add ${node.name}`,
    `link add ${node.name} mtu ${underlayMtu} type veth peer name eth0 address ${node.mac} mtu ${underlayMtu} netns ${node.name}`,
    `link set ${node.name} master underlay up`,
  ]
}

async function createNode(node: NodeAddresses, nodes: NodeAddresses[]): Promise<void> {
  const { families, number, name } = node
  const others = nodes.filter((other) => other !== node)
  await changeNetwork({
    netns: netnsPath(name),
    sysctlsFirst: merged(families, { 4: forwarding[4], 6: { ...forwarding[6], ...noDuplicateDetection } }),
    ip: [
      'link set lo up',
      ...families.map((family) => ownAddress(family, underlayAddress(number, family), 'eth0')),
      'link set eth0 up',
      ...families.flatMap((family) => [
        `route add default via ${underlayGateways[family]} dev eth0`,
        ...tunnelLink(node, others, family),
      ]),
    ],
    bridge: families.flatMap((family) => others.map((other) => tunnelPeer(other, family))),
    sysctls: merged(families, podLinkDefaults),
  })
  await applyNft(families.map(outgoingNat).join(''), netnsPath(name))
}

/** The VXLAN device of one family, and the ways through it to the other nodes' first blocks. */
function tunnelLink(node: NodeAddresses, others: NodeAddresses[], family: IpVersion): string[] {
  const { device, mtu } = tunnels[family]
  const local = underlayAddress(node.number, family)
  return [
    `link add ${device} address ${tunnelMac(node, family)} mtu ${mtu} type vxlan id 4096 local ${local} dev eth0 dstport 4789 nolearning`,
    ownAddress(family, tunnelAddress(node, family), device, { isAlone: true }),
    `link set ${device} up`,
    ownBlock(nodeBlock(node, 0, family)),
    ...others.flatMap((other) => [
      `neigh add ${tunnelAddress(other, family)} lladdr ${tunnelMac(other, family)} dev ${device} nud permanent`,
      remoteBlock(other, nodeBlock(other, 0, family)),
    ]),
  ]
}

/** Where the frames for another node's device are sent. */
function tunnelPeer(other: NodeAddresses, family: IpVersion): string {
  const to = underlayAddress(other.number, family)
  return `fdb append ${tunnelMac(other, family)} dev ${tunnels[family].device} dst ${to} self permanent`
}

type Sysctls = Record<string, number>

const forwarding: ByFamily<Sysctls> = {
  4: { 'net/ipv4/ip_forward': 1 },
  6: { 'net/ipv6/conf/all/forwarding': 1 },
}

/** An address could not be used for a second, and nobody else can have it. */
const noDuplicateDetection: Sysctls = { 'net/ipv6/conf/default/accept_dad': 0 }

/**
 * What Calico sets on the host side of each pod's veth pair. Set as the node's defaults once its own links exist, so
 * that every pod's link is born with it: no further program has to run for a pod.
 */
const podLinkDefaults: ByFamily<Sysctls> = {
  4: { 'net/ipv4/conf/default/proxy_arp': 1, 'net/ipv4/conf/default/route_localnet': 1 },
  6: { 'net/ipv6/conf/default/proxy_ndp': 1, 'net/ipv6/conf/default/accept_ra': 0 },
}

function merged(families: IpVersion[], byFamily: ByFamily<Sysctls>): Sysctls {
  return Object.assign({}, ...families.map((family) => byFamily[family]))
}

/** `default` would mean IPv4. */
const everywhere: ByFamily<string> = { 4: 'default', 6: '::/0' }

function ownAddress(
  family: IpVersion,
  address: string,
  device: string,
  { isAlone }: { isAlone: boolean } = { isAlone: false },
): string {
  const length = isAlone ? { 4: '32', 6: '128' }[family] : underlayNetworks[family].split('/')[1]
  return `address add ${address}/${length} dev ${device}${family === 6 ? ' nodad' : ''}`
}

function ownBlock(block: Block): string {
  return `route add blackhole ${block.cidr} proto 80`
}

function remoteBlock(owner: NodeAddresses, { cidr, family }: Block): string {
  return `route add ${cidr} via ${tunnelAddress(owner, family)} dev ${tunnels[family].device} proto 80 onlink`
}
