import { changeNetwork, netnsPath } from '../../kernel/index.ts'
import {
  type Block,
  type NodeAddresses,
  nodeBlock,
  podMtu,
  podNetwork,
  tunnelAddress,
  tunnelMac,
  underlayGateway,
  underlayMtu,
} from './addresses.ts'
import { outgoingNat } from './outgoing-nat.ts'

/**
 * Makes the network below the pods: a bridge in the node agent's own namespace as the wire between nodes, one network
 * namespace per node, and VXLAN between the nodes' blocks. That namespace is also the nodes' router. Nothing leads out of
 * it: what is sent to an address that nobody here has is silently dropped, as an internet host behind a firewall would
 * be.
 */
export async function createUnderlay(nodes: NodeAddresses[]): Promise<void> {
  await changeNetwork({
    sysctlsFirst: { 'net/ipv4/ip_forward': 1 },
    ip: [
      'link set lo up',
      `link add underlay mtu ${underlayMtu} type bridge`,
      `address add ${underlayGateway}/16 dev underlay`,
      'link set underlay up',
      'route add blackhole default',
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
        ip: [node === owner ? ownBlock(block) : remoteBlock(owner, block)],
      }),
    ),
  )
}

function nodeLink(node: NodeAddresses): string[] {
  return [
    `netns add ${node.name}`,
    `link add ${node.name} mtu ${underlayMtu} type veth peer name eth0 address ${node.mac} mtu ${underlayMtu} netns ${node.name}`,
    `link set ${node.name} master underlay up`,
  ]
}

async function createNode(node: NodeAddresses, nodes: NodeAddresses[]): Promise<void> {
  const others = nodes.filter((other) => other !== node)
  await changeNetwork({
    netns: netnsPath(node.name),
    sysctlsFirst: { 'net/ipv4/ip_forward': 1 },
    ip: [
      'link set lo up',
      `address add ${node.address}/16 dev eth0`,
      'link set eth0 up',
      `route add default via ${underlayGateway} dev eth0`,
      `link add vxlan.calico address ${tunnelMac(node)} mtu ${podMtu} type vxlan id 4096 local ${node.address} dev eth0 dstport 4789 nolearning`,
      `address add ${tunnelAddress(node)}/32 dev vxlan.calico`,
      'link set vxlan.calico up',
      ownBlock(nodeBlock(node, 0)),
      ...others.flatMap((other) => [
        `neigh add ${tunnelAddress(other)} lladdr ${tunnelMac(other)} dev vxlan.calico nud permanent`,
        remoteBlock(other, nodeBlock(other, 0)),
      ]),
    ],
    bridge: others.map(
      (other) => `fdb append ${tunnelMac(other)} dev vxlan.calico dst ${other.address} self permanent`,
    ),
    sysctls: podLinkDefaults,
  })
  await outgoingNat(netnsPath(node.name), podNetwork)
}

/**
 * What Calico sets on the host side of each pod's veth pair. Set as the node's defaults once its own links exist, so
 * that every pod's link is born with it: no further program has to run for a pod.
 */
const podLinkDefaults = {
  'net/ipv4/conf/default/proxy_arp': 1,
  'net/ipv4/conf/default/route_localnet': 1,
}

function ownBlock(block: Block): string {
  return `route add blackhole ${block.cidr} proto 80`
}

function remoteBlock(owner: NodeAddresses, block: Block): string {
  return `route add ${block.cidr} via ${tunnelAddress(owner)} dev vxlan.calico proto 80 onlink`
}
