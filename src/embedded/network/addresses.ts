import { createHash } from 'node:crypto'

/** All pod addresses: one Calico pool. */
export const podNetwork = '192.168.0.0/16'
export const serviceNetwork = '10.96.0.0/12'
export const underlayNetwork = '172.18.0.0/16'
export const underlayGateway = '172.18.0.1'
/** Every pod's next hop, answered by proxy ARP on the host side of its veth pair. */
export const podGateway = '169.254.1.1'
/** MAC of the host side of every veth pair of a pod. */
export const hostSideMac = 'ee:ee:ee:ee:ee:ee'
export const underlayMtu = 1500
/** What VXLAN leaves of the underlay's MTU. */
export const podMtu = 1450
export const blockSize = 64
/** /24 networks that a node may fill with blocks. */
const networksPerNode = 8

/** A node of the cluster and what follows from its number: `node-1` is number 1. */
export interface NodeAddresses {
  name: string
  number: number
  /** On the underlay: the node's InternalIP. */
  address: string
  mac: string
}

export function nodeAddresses(number: number): NodeAddresses {
  return {
    name: `node-${number}`,
    number,
    address: `172.18.0.${number + 1}`,
    mac: `02:42:ac:12:00:${hex(number + 1)}`,
  }
}

/** A /26 of the pod network that one node hands addresses out of. */
export interface Block {
  cidr: string
  /** First address: that of the node's VXLAN device if it is the node's first block. */
  first: string
  addresses: string[]
}

/**
 * The `ordinal`th block (from 0) of a node. Blocks of different nodes never meet, and the first /24 stays free, since
 * home and office networks like to be there.
 */
export function nodeBlock(node: NodeAddresses, ordinal: number): Block {
  const offset = node.number * 256 * networksPerNode + ordinal * blockSize
  const at = (index: number) => `192.168.${(offset + index) >> 8}.${(offset + index) & 255}`
  return {
    cidr: `${at(0)}/26`,
    first: at(0),
    addresses: Array.from({ length: blockSize }, (_, index) => at(index)),
  }
}

/** Address of a node's VXLAN device: the first of its first block. */
export function tunnelAddress(node: NodeAddresses): string {
  return nodeBlock(node, 0).first
}

/** MAC of a node's VXLAN device: locally administered and derived, so that every node knows every other's. */
export function tunnelMac(node: NodeAddresses): string {
  const digest = createHash('sha1').update(`vxlan.calico/${node.name}`).digest()
  return ['66', ...[...digest.subarray(0, 5)].map(hex)].join(':')
}

/** Calico's name of the host side of a pod's veth pair. */
export function hostInterface(namespace: string, pod: string): string {
  return `cali${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
