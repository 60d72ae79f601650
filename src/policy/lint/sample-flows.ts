import {
  type Address,
  type Cidr,
  cidrContains,
  formatAddress,
  type IpVersion,
  parseCidrOrAddress,
} from '../../cidr.ts'
import type { Flow, Walk } from '../evaluate/index.ts'
import {
  addressText,
  type Endpoint,
  type LabelClass,
  type Model,
  type Policy,
  type Rule,
} from '../model/index.ts'
import { portProtocols, protocolNumbers } from '../protocol.ts'
import type { Direction, PortRange } from '../rules.ts'
import { signaturesOf } from './signatures.ts'

type Packet = Walk['packet']

/** Two ends, and every packet between them that a rule may match. */
export interface SampleFlow {
  flow: Flow
  packets: Packet[]
}

/** An IP protocol that no policy of the set speaks of. */
const otherProtocol = 50
const ephemeralPort = 49152
const noIcmp = { type: 8, code: 0 }
const outside: Record<IpVersion, string> = { 4: '203.0.113.254', 6: '2001:db8::fe' }

/**
 * Flows that tell the rules of a set apart. Between two neighbouring boundaries (of ports, of address blocks) no rule
 * changes its mind, so both sides of every boundary are enough; and so is one pod of those that have the same labels,
 * the same port names and lie in the same blocks.
 */
export class SampleFlows {
  readonly pods: Endpoint[]
  /** Which selectors of the set select a class, as a text. */
  private readonly signatures: Map<LabelClass, string>
  /** Port names that rules use. */
  private readonly names: Set<string>
  private readonly blocks: Cidr[]
  private readonly edges: string[]
  private readonly ports: number[]
  private readonly sourcePorts: number[]
  private readonly protocols: number[]
  private readonly icmp: { type: number; code: number }[]
  private readonly versions: IpVersion[]

  constructor(model: Model) {
    const rules = model.tiers.flatMap(({ policies }) =>
      policies.flatMap((policy) => [...(policy.rules.ingress ?? []), ...(policy.rules.egress ?? [])]),
    )
    const sides = rules.flatMap(({ source, destination }) => [source, destination])
    const endpoints = model.catalog.endpoints.filter(({ kind }) => kind === 'pod')
    this.signatures = signaturesOf(model)
    const services = sides.flatMap(({ groups }) => groups).filter(({ text }) => text.startsWith('service '))
    this.names = new Set(rules.flatMap(({ draft }) => draft.destination.ports ?? []).filter(isText))
    this.blocks = unique(
      [
        ...sides.flatMap(({ nets, notNets }) => [...nets, ...notNets]),
        ...model.catalog.networkSets.flatMap(({ nets }) => nets),
        ...services.flatMap((group) => group.lower().cidrs.flatMap((text) => parseCidrOrAddress(text) ?? [])),
      ],
      ({ version, first, last }) => `${version} ${first} ${last}`,
    )
    this.edges = [...new Set(this.blocks.flatMap(edgesOf))]
    this.pods = unique(endpoints, (pod) => this.kindOf(pod))
    const named = endpoints.flatMap(({ ports }) => ports.map(({ port }) => ({ first: port, last: port })))
    const destinations = rules.flatMap(({ destination }) => [...destination.ports, ...destination.notPorts])
    this.ports = portEdges([...destinations, ...named])
    const sources = rules.flatMap(({ source }) => [...source.ports, ...source.notPorts])
    this.sourcePorts = [...new Set([ephemeralPort, ...portEdges(sources)])]
    const spoken = rules.flatMap(({ protocol, notProtocol }) => [protocol ?? [], notProtocol ?? []].flat())
    this.protocols = [
      ...new Set([...portProtocols, protocolNumbers.ICMP, protocolNumbers.ICMPv6, otherProtocol, ...spoken]),
    ]
    const types = rules.flatMap(({ icmp, notIcmp }) => [icmp ?? [], notIcmp ?? []].flat())
    this.icmp = [
      ...types.flatMap(({ type = 8, code = 0 }) => [
        { type, code },
        { type, code: code + 1 },
      ]),
      { type: 8, code: 0 },
      { type: 254, code: 0 },
    ]
    const families = endpoints.flatMap(({ addresses }) => addresses.map(({ version }) => version))
    this.versions = [...new Set(families)]
  }

  /** Flows of a policy's pods that a rule of it may match. */
  *of(policy: Policy, direction: Direction, rule: Rule): Generator<SampleFlow> {
    const subjects = this.pods.filter(({ labelClass }) => policy.selects(labelClass.labels))
    const peers = this.peersOf(direction === 'ingress' ? rule.source : rule.destination)
    const packets = [...this.packetsOf(rule)]
    for (const subject of subjects)
      for (const peer of peers) {
        if (peer === subject.id) continue
        const ends =
          direction === 'ingress'
            ? { source: peer, destination: subject.id }
            : { source: subject.id, destination: peer }
        for (const ipVersion of this.versions)
          yield { flow: { ...ends, protocol: 'TCP', port: 0, ipVersion }, packets }
      }
  }

  /** Pods of the same kind are the same to every rule. */
  private kindOf({ labelClass, ports, addresses }: Endpoint): string {
    const inBlocks = this.blocks.map((block) => (addresses.some((one) => cidrContains(block, one)) ? 1 : 0))
    const families = addresses.map(({ version }) => version)
    const named = ports.filter(({ name }) => this.names.has(name))
    return JSON.stringify([this.signatures.get(labelClass), named, inBlocks.join(''), families])
  }

  private peersOf({ groups, nets }: Rule['source']): string[] {
    const pods = this.pods.filter((pod) =>
      groups.every((group) => pod.addresses.some((address) => group.includes(partyOf(pod, address)))),
    )
    const inNets = (text: string) => nets.length === 0 || nets.some((net) => this.blockHolds(net, text))
    const free = groups.length === 0 || groups.some((group) => group.lower().cidrs.length > 0)
    const addresses = free ? [...this.edges, ...this.versions.map((version) => outside[version])] : []
    return [...addresses.filter(inNets), ...pods.map(({ id }) => id)]
  }

  private readonly parsed = new Map<string, Cidr>()

  private blockHolds(net: Cidr, text: string): boolean {
    const known = this.parsed.get(text) ?? parseHost(text)
    this.parsed.set(text, known)
    return cidrContains(net, { version: known.version, value: known.first })
  }

  private *packetsOf({ protocol, notProtocol, destination, source }: Rule): Generator<Packet> {
    const wanted = protocol === undefined ? this.protocols.filter((one) => one !== notProtocol) : [protocol]
    const takes = ({ ports, portGroups }: Rule['source'], port: number) =>
      ports.length + portGroups.length === 0 || portGroups.length > 0 || isIn(ports, port)
    for (const one of wanted) {
      if (!portProtocols.includes(one)) {
        const isIcmp = one === protocolNumbers.ICMP || one === protocolNumbers.ICMPv6
        for (const icmp of isIcmp ? this.icmp : [noIcmp])
          yield { protocol: one, port: 0, sourcePort: ephemeralPort, icmp }
        continue
      }
      for (const port of this.ports.filter((candidate) => takes(destination, candidate)))
        for (const sourcePort of this.sourcePorts.filter((candidate) => takes(source, candidate)))
          yield { protocol: one, port, sourcePort, icmp: noIcmp }
    }
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function partyOf({ labelClass }: Endpoint, address: Address) {
  return {
    version: address.version,
    address,
    text: addressText(address),
    endpoints: labelClass.endpoints,
  }
}

function parseHost(text: string): Cidr {
  return parseCidrOrAddress(text)!
}

/** Both sides of either end of a block. */
function edgesOf({ version, first, last }: Cidr): string[] {
  const most = version === 4 ? (1n << 32n) - 1n : (1n << 128n) - 1n
  return [first - 1n, first, last, last + 1n]
    .filter((value) => value >= 0n && value <= most)
    .map((value) => formatAddress({ version, value }))
}

/** Both sides of either end of each range, and a port that none speaks of. */
function portEdges(ranges: PortRange[]): number[] {
  const all = ranges.flatMap(({ first, last }) => [first - 1, first, last, last + 1])
  return [...new Set([...all, 61_234])].filter((port) => port > 0 && port < 65_536)
}

function isIn(ranges: PortRange[], port: number): boolean {
  return ranges.some(({ first, last }) => first <= port && port <= last)
}

function unique<Item>(items: Item[], keyOf: (item: Item) => string): Item[] {
  const byKey = new Map<string, Item>()
  for (const item of items) {
    const key = keyOf(item)
    if (!byKey.has(key)) byKey.set(key, item)
  }
  return [...byKey.values()]
}
