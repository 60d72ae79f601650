import { type Cidr, cidrCovers, compareCidrs, formatCidr, parseCidrOrAddress } from '../../cidr.ts'
import type { NftSet } from '../../kernel/index.ts'
import type { AddressSet, PortSet, RuleTable } from '../../policy/index.ts'
import { nftName } from './nft-name.ts'
import { commentText } from './rendering.ts'

export type Family = 4 | 6

/** Which set was asked for, and the name that it has. */
export interface AskedSet {
  kind: 'addresses' | 'ports'
  id: string
  family: Family
  name: string | null
}

/** The nftables sets that one node's rules name, made from the rule table's as they are asked for. */
export class Sets {
  /** Those asked for so far. */
  readonly used = new Map<string, NftSet>()
  /** What was answered so far, by family and id. */
  private readonly answers = {
    addresses: { 4: new Map<string, AskedSet>(), 6: new Map<string, AskedSet>() },
    ports: { 4: new Map<string, AskedSet>(), 6: new Map<string, AskedSet>() },
  }
  private asked = new Set<AskedSet>()
  private readonly addressSets: Map<string, AddressSet>
  private readonly portSets: Map<string, PortSet>

  constructor(table: Pick<RuleTable, 'addressSets' | 'portSets'>) {
    this.addressSets = new Map(table.addressSets.map((set) => [set.id, set]))
    this.portSets = new Map(table.portSets.map((set) => [set.id, set]))
  }

  /**
   * The name of an address set in one family. Null for an IPv6 set without members: most clusters have no IPv6
   * address, and a set that nothing can be in need not be asked. An empty IPv4 set is kept, since it may fill.
   */
  addresses(id: string, family: Family): string | null {
    return this.ask('addresses', id, family)
  }

  /** The same for a set of (address, protocol, port). */
  ports(id: string, family: Family): string | null {
    return this.ask('ports', id, family)
  }

  /** What is asked while the work is done. */
  recording(work: () => void): AskedSet[] {
    this.asked = new Set()
    work()
    return [...this.asked]
  }

  /** Whether all of these would have the same names now. Asks for them, as whoever asked before did. */
  answerAlike(asked: AskedSet[]): boolean {
    return asked.every(({ kind, id, family, name }) => this[kind](id, family) === name)
  }

  private ask(kind: AskedSet['kind'], id: string, family: Family): string | null {
    const answers = this.answers[kind][family]
    let answer = answers.get(id)
    if (!answer) {
      const name = kind === 'addresses' ? this.addressSet(id, family) : this.portSet(id, family)
      answer = { kind, id, family, name }
      answers.set(id, answer)
    }
    this.asked.add(answer)
    return answer.name
  }

  private addressSet(id: string, family: Family): string | null {
    const set = found(this.addressSets, id)
    const name = nftName(`cali${family}0s-${id}`)
    if (this.used.has(name)) return name
    const elements = disjoint(set.cidrs.filter((cidr) => familyOf(cidr) === family))
    if (family === 6 && elements.length === 0) return null
    return this.use(name, { type: addressType(family), interval: true, elements }, set.text)
  }

  private portSet(id: string, family: Family): string | null {
    const set = found(this.portSets, id)
    const name = nftName(`cali${family}0n-${id}`)
    if (this.used.has(name)) return name
    const members = set.members.filter((member) => familyOf(member.address) === family)
    if (family === 6 && members.length === 0) return null
    const elements = members.map(
      ({ address, protocol, port }) => `${address.split('/')[0]} . ${protocol} . ${port}`,
    )
    const type = `${addressType(family)} . inet_proto . inet_service`
    return this.use(name, { type, interval: false, elements: [...new Set(elements)] }, set.text)
  }

  private use(name: string, set: Pick<NftSet, 'type' | 'interval' | 'elements'>, text: string): string {
    const elements = set.elements.sort()
    this.used.set(name, { keyword: 'set', ...set, elements, comment: commentText(text) })
    return name
  }
}

export function familyOf(cidr: string): Family {
  return cidr.includes(':') ? 6 : 4
}

/** Sorted, and without CIDRs that lie within another: nftables takes no overlapping intervals. A lone address is bare. */
export function disjoint(cidrs: string[]): string[] {
  const kept: Cidr[] = []
  for (const cidr of cidrs.map(parsed).sort(compareCidrs)) {
    const last = kept.at(-1)
    if (!last || !cidrCovers(last, cidr)) kept.push(cidr)
  }
  return kept.map((cidr) => (cidr.first === cidr.last ? formatCidr(cidr).split('/')[0]! : formatCidr(cidr)))
}

function parsed(text: string): Cidr {
  const cidr = parseCidrOrAddress(text)
  if (!cidr) throw new Error(`the rule table holds ${text}, which is no CIDR`)
  return cidr
}

function addressType(family: Family): string {
  return family === 4 ? 'ipv4_addr' : 'ipv6_addr'
}

function found<T>(sets: Map<string, T>, id: string): T {
  const set = sets.get(id)
  if (!set) throw new Error(`the rule table names set ${id}, which it does not hold`)
  return set
}
