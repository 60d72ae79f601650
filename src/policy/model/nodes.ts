import {
  type Address,
  type Cidr,
  cidrContains,
  formatAddress,
  type IpVersion,
  parseAddress,
  parseCidr,
} from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

export interface NodeRecord {
  name: string
  addresses: Address[]
  /** Where the node's own addresses are known with the network that they are in. */
  subnets: Cidr[]
  /** Source of what the node sends to pods of other nodes through its tunnel. */
  tunnelAddresses: Address[]
}

/** Where a pod is, as far as the way to it depends on it. */
export interface Whereabouts {
  node: string
  address: Address | null
}

/** Addresses that pods have, and how packets to them reach other nodes. */
interface Pool {
  net: Cidr
  encapsulation: 'always' | 'cross-subnet' | 'never'
  tunnel: 'vxlan' | 'ipip'
  natOutgoing: boolean
}

/** The nodes, their addresses, and the ways between them. */
export class Nodes {
  private readonly records = new Map<string, NodeRecord>()
  private readonly owners = new Map<string, string>()
  private readonly pools: Pool[] = []
  private dependOnNodes: boolean | undefined

  /** `encapsulated` overrules what IPPools say; without either, nothing is encapsulated. */
  constructor(private readonly encapsulated: boolean | undefined) {}

  get(name: string): NodeRecord | undefined {
    return this.records.get(name)
  }

  /** The node an address belongs to, by its canonical text, if it is a node's own. */
  ownerOf(address: string): string | undefined {
    return this.owners.get(address)
  }

  /** A node's first own address of a family. */
  addressOf(name: string, version: IpVersion): Address | null {
    return this.records.get(name)?.addresses.find((address) => address.version === version) ?? null
  }

  add({ metadata, status }: KubernetesObject): void {
    const annotations = metadata.annotations ?? {}
    const of = (name: string) => annotations[`projectcalico.org/${name}`] ?? ''
    const listed = (status?.addresses ?? []) as { address: string }[]
    const calico = ['IPv4Address', 'IPv6Address'].map(of)
    const tunnels = ['IPv4VXLANTunnelAddr', 'IPv6VXLANTunnelAddr', 'IPv4IPIPTunnelAddr'].map(of)
    const record = this.record(metadata.name)
    // Calico writes them with the length of the network's prefix.
    record.subnets.push(...calico.map(parseCidr).filter((net) => net !== null))
    this.own(record, [...listed.map(({ address }) => address), ...calico.map(withoutPrefix)])
    record.tunnelAddresses.push(...parsed(tunnels))
    for (const address of record.tunnelAddresses) this.owners.set(formatAddress(address), metadata.name)
  }

  /** Says that the addresses are a node's own, whether the node itself is known or not. */
  addAddresses(node: string, addresses: Address[]): void {
    this.own(this.record(node), addresses.map(formatAddress))
  }

  addPool({ spec }: KubernetesObject): void {
    const net = parseCidr(spec?.cidr ?? '')
    if (!net) return
    const modes = [spec.vxlanMode, spec.ipipMode]
    const encapsulation = modes.includes('Always')
      ? 'always'
      : modes.includes('CrossSubnet')
        ? 'cross-subnet'
        : 'never'
    const tunnel = (spec.ipipMode ?? 'Never') === 'Never' ? 'vxlan' : 'ipip'
    this.pools.push({ net, encapsulation, tunnel, natOutgoing: spec.natOutgoing ?? false })
  }

  /** Where a node talks to a pod of another node from, if that is not its own address. */
  tunnelAddress(node: string, to: Whereabouts, version: IpVersion): Address | undefined {
    if (!this.isTunnelled(node, to, version)) return undefined
    return this.records.get(node)?.tunnelAddresses.find((address) => address.version === version)
  }

  /** Whether what a node sends to a pod of another node goes through a tunnel. */
  isTunnelled(node: string, to: Whereabouts, version: IpVersion): boolean {
    if (this.encapsulated !== undefined) return this.encapsulated
    const pool = this.poolOf(to.address, version)
    if (!pool || pool.encapsulation === 'never') return false
    return pool.encapsulation === 'always' || !this.shareSubnet(node, to.node, version)
  }

  /** What carries, where it is tunnelled, what is sent to an address. */
  tunnelTo(address: Address | null, version: IpVersion): 'vxlan' | 'ipip' {
    return this.poolOf(address, version)?.tunnel ?? 'vxlan'
  }

  /** Whether the answer of `isTunnelled` depends on which nodes are meant. Asked once all of them are known. */
  get tunnelsDependOnNodes(): boolean {
    this.dependOnNodes ??= this.findDependence()
    return this.dependOnNodes
  }

  private findDependence(): boolean {
    if (this.encapsulated !== undefined) return false
    const mixed = versions.some((version) => new Set(this.modesOf(version)).size > 1)
    return mixed || this.hasSubnets()
  }

  /**
   * Whether what a pod sends to an address outside all pools leaves under its node's address. Without any IPPool
   * it is as in a default installation: IPv4 is translated, IPv6 is not.
   */
  isTranslated(pod: Address, to: Address): boolean {
    if (this.pools.length === 0) return pod.version === 4
    return (this.poolOf(pod, pod.version)?.natOutgoing ?? false) && !this.poolOf(to, to.version)
  }

  private record(name: string): NodeRecord {
    let record = this.records.get(name)
    if (!record) {
      record = { name, addresses: [], subnets: [], tunnelAddresses: [] }
      this.records.set(name, record)
    }
    return record
  }

  private own(record: NodeRecord, texts: string[]): void {
    for (const address of parsed(texts)) {
      const text = formatAddress(address)
      if (record.addresses.some((one) => formatAddress(one) === text)) continue
      record.addresses.push(address)
      this.owners.set(text, record.name)
    }
  }

  /** Of a pod without an address yet: the first pool of the family. */
  private poolOf(address: Address | null, version: IpVersion): Pool | undefined {
    return this.pools.find(({ net }) => (address ? cidrContains(net, address) : net.version === version))
  }

  /** Nodes of which too little is known are taken to be in one network. */
  private shareSubnet(one: string, other: string, version: IpVersion): boolean {
    const subnet = this.records.get(one)?.subnets.find((net) => net.version === version)
    const address = this.addressOf(other, version)
    return !subnet || !address || cidrContains(subnet, address)
  }

  private modesOf(version: IpVersion): Pool['encapsulation'][] {
    return this.pools.filter(({ net }) => net.version === version).map(({ encapsulation }) => encapsulation)
  }

  /** Whether nodes of different networks are what decides. */
  private hasSubnets(): boolean {
    const names = [...this.records.keys()]
    return versions
      .filter((version) => this.modesOf(version).includes('cross-subnet'))
      .some((version) => names.some((one) => names.some((other) => !this.shareSubnet(one, other, version))))
  }
}

const versions: IpVersion[] = [4, 6]

function parsed(texts: string[]): Address[] {
  return texts.map((text) => parseAddress(text)).filter((address) => address !== null)
}

function withoutPrefix(text: string): string {
  return text.split('/')[0]!
}
