import { createHash } from 'node:crypto'
import { formatAddress, type IpVersion, parseAddress } from '../../cidr.ts'
import { type IpFamilies, ipVersions } from '../ip-families.ts'

/** Something that has one network of each family; a cluster uses those of its own families. */
export type ByFamily<Value> = Readonly<Record<IpVersion, Value>>

/** All pod addresses: one Calico pool for each family. */
export const podNetworks: ByFamily<string> = { 4: '192.168.0.0/16', 6: 'fd00:10:244::/56' }
export const serviceNetworks: ByFamily<string> = { 4: '10.96.0.0/12', 6: 'fd00:10:96::/112' }
/** What kind gives its nodes. */
export const underlayNetworks: ByFamily<string> = { 4: '172.18.0.0/16', 6: 'fc00:f853:ccd:e793::/64' }
export const underlayGateways: ByFamily<string> = { 4: '172.18.0.1', 6: 'fc00:f853:ccd:e793::1' }
/**
 * Every pod's next hop: in IPv4 answered by proxy ARP on the host side of its veth pair, in IPv6 that side's own
 * link-local address, which follows from its MAC.
 */
export const podGateways: ByFamily<string> = { 4: '169.254.1.1', 6: 'fe80::ecee:eeff:feee:eeee' }
/** MAC of the host side of every veth pair of a pod. */
export const hostSideMac = 'ee:ee:ee:ee:ee:ee'
export const underlayMtu = 1500
/** The link between nodes, and what VXLAN over either family leaves of the underlay's MTU. */
export const tunnels: ByFamily<{ device: string; mtu: number }> = {
  4: { device: 'vxlan.calico', mtu: 1450 },
  6: { device: 'vxlan-v6.calico', mtu: 1430 },
}
/** Addresses of a block: a /26 or a /122. */
export const blockSize = 64
/** Bits of an address. */
export const addressBits: ByFamily<number> = { 4: 32, 6: 128 }
/** /24 networks that a node may fill with blocks of IPv4. */
const networksPerNode = 8

/** A node of the cluster and what follows from its number: `node-1` is number 1. */
export interface NodeAddresses {
  name: string
  number: number
  /** Families of the cluster, the first of which is the one that is used where nothing else is said. */
  families: IpVersion[]
  /** On the underlay: the node's InternalIPs, in the order of its families. */
  addresses: string[]
  mac: string
}

export function nodeAddresses(number: number, ipFamilies: IpFamilies = 'ipv4'): NodeAddresses {
  const families = ipVersions(ipFamilies)
  return {
    name: `node-${number}`,
    number,
    families,
    addresses: families.map((family) => underlayAddress(number, family)),
    mac: `02:42:ac:12:00:${hex(number + 1)}`,
  }
}

/** A node's own address in one family. */
export function underlayAddress(number: number, family: IpVersion): string {
  return family === 4 ? `172.18.0.${number + 1}` : `fc00:f853:ccd:e793::${(number + 1).toString(16)}`
}

/** A node's own address with the length of the underlay's prefix. */
export function nodeNetwork({ number }: NodeAddresses, family: IpVersion): string {
  return `${underlayAddress(number, family)}/${underlayNetworks[family].split('/')[1]}`
}

/** MTU of every pod's link: a packet of any family must fit through its tunnel. */
export function podMtu(families: IpVersion[]): number {
  return Math.min(...families.map((family) => tunnels[family].mtu))
}

/** A /26 or /122 of the pod network that one node hands addresses out of. */
export interface Block {
  family: IpVersion
  cidr: string
  /** First address: that of the node's VXLAN device if it is the node's first block. */
  first: string
  addresses: string[]
}

/**
 * The `ordinal`th block (from 0) of a node. Blocks of different nodes never meet; in IPv4 the first /24 stays free,
 * since home and office networks like to be there, and in IPv6 each node has a /64.
 */
export function nodeBlock(node: NodeAddresses, ordinal: number, family: IpVersion = 4): Block {
  const first = parseAddress(family === 4 ? '192.168.0.0' : `fd00:10:244:${node.number.toString(16)}::`)!
  const nodeOffset = family === 4 ? node.number * 256 * networksPerNode : 0
  const at = (index: number) =>
    formatAddress({
      version: family,
      value: first.value + BigInt(nodeOffset + ordinal * blockSize + index),
    })
  return {
    family,
    cidr: `${at(0)}/${blockPrefix(family)}`,
    first: at(0),
    addresses: Array.from({ length: blockSize }, (_, index) => at(index)),
  }
}

/** Length of a block's prefix. */
export function blockPrefix(family: IpVersion): number {
  return addressBits[family] - Math.log2(blockSize)
}

/** Address of a node's VXLAN device: the first of its first block. */
export function tunnelAddress(node: NodeAddresses, family: IpVersion = 4): string {
  return nodeBlock(node, 0, family).first
}

/** MAC of a node's VXLAN device: locally administered and derived, so that every node knows every other's. */
export function tunnelMac(node: NodeAddresses, family: IpVersion = 4): string {
  const digest = createHash('sha1').update(`${tunnels[family].device}/${node.name}`).digest()
  return ['66', ...[...digest.subarray(0, 5)].map(hex)].join(':')
}

/** Calico's name of the host side of a pod's veth pair. */
export function hostInterface(namespace: string, pod: string): string {
  return `cali${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
