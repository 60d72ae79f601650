import { type Cidr, cidrContains, compareCidrs, formatCidr, parseCidrOrAddress } from '../../cidr.ts'
import { shortHash } from '../hash.ts'
import { protocolText } from '../protocol.ts'
import type { AddressSet, PortSet } from '../rules.ts'
import { type Selector, selectorText } from '../selector.ts'
import type { Catalog } from './catalog.ts'
import { addressText, type Endpoint, type LabelClass, type Party } from './endpoint.ts'

/** Addresses that a selector or a Service stands for. */
export interface AddressGroup {
  id: string
  text: string
  includes(party: Party): boolean
  /** The parties that it includes, each at least once. */
  find(parties: PartyLookup): number[]
  lower(): AddressSet
}

/** (address, protocol, port) tuples that a named port or a Service stands for. */
export interface PortGroup {
  id: string
  text: string
  includes(party: Party, protocol: number, port: number): boolean
  find(parties: PartyLookup, protocol: number, port: number): number[]
  lower(): PortSet
}

/** Many parties, by what groups know them by; the answers are numbers that stand for them. */
export interface PartyLookup {
  /** Those that an endpoint of the class owns. */
  ofClass(labelClass: LabelClass): readonly number[]
  /** Those that the endpoint owns. */
  ofEndpoint(endpoint: Endpoint): readonly number[]
  inNets(nets: Cidr[]): number[]
  /** By canonical text. */
  at(address: string): readonly number[]
}

export interface NamedPortKey {
  name: string
  protocol?: number
  /** Only endpoints that it selects; all of them without it. */
  within?: Selector
}

/** The groups that rules use: equal ones are one object, and members are looked up when first asked for. */
export class Groups {
  private readonly catalog: Catalog
  private readonly addressGroups = new Map<string, AddressGroup>()
  private readonly portGroups = new Map<string, PortGroup>()
  private readonly classSets = new Map<string, Set<LabelClass>>()

  constructor(catalog: Catalog) {
    this.catalog = catalog
  }

  selected(selector: Selector): AddressGroup {
    const text = selectorText(selector)
    return remember(this.addressGroups, text, () => this.selectorGroup(selector, text))
  }

  namedPort({ name, protocol, within }: NamedPortKey): PortGroup {
    const where = within ? ` of ${selectorText(within)}` : ''
    const text = `port ${name}${protocol === undefined ? '' : `/${protocolText(protocol)}`}${where}`
    return remember(this.portGroups, text, () => this.namedPortGroup({ name, protocol, within }, text))
  }

  /** Endpoint addresses of a Service, whatever the port. */
  serviceAddresses(service: string): AddressGroup {
    const text = `service ${service}`
    return remember(this.addressGroups, text, () => {
      const addresses = new Set(this.catalog.serviceMembers(service).map(({ address }) => address))
      return {
        id: `v${shortHash(text)}`,
        text,
        includes: (party) => addresses.has(party.text),
        find: (parties) => [...addresses].flatMap((address) => parties.at(address)),
        lower: () => ({ id: `v${shortHash(text)}`, text, cidrs: hostCidrs(addresses) }),
      }
    })
  }

  /** Endpoint addresses of a Service with their target ports. */
  servicePorts(service: string): PortGroup {
    const text = `service ${service}`
    return remember(this.portGroups, text, () => {
      const id = `v${shortHash(text)}`
      const members = this.catalog.serviceMembers(service)
      const keys = new Set(members.map(({ address, protocol, port }) => `${address} ${protocol} ${port}`))
      return {
        id,
        text,
        includes: (party, protocol, port) => keys.has(`${party.text} ${protocol} ${port}`),
        find: (parties, protocol, port) =>
          members
            .filter((member) => member.protocol === protocol && member.port === port)
            .flatMap(({ address }) => parties.at(address)),
        lower: () => ({ id, text, members: sortedMembers(members) }),
      }
    })
  }

  private selectorGroup(selector: Selector, text: string): AddressGroup {
    const id = `s${shortHash(text)}`
    const { catalog } = this
    let selected: Set<LabelClass> | undefined
    const classes = () => {
      selected ??= this.classesOf(selector, text)
      return selected
    }
    let nets: Cidr[] | undefined
    const netsOnce = () => {
      nets ??= catalog.networkSets.filter((set) => classes().has(set.labelClass)).flatMap((set) => set.nets)
      return nets
    }
    return {
      id,
      text,
      includes: (party) =>
        party.endpoints.some((endpoint) => classes().has(endpoint.labelClass)) ||
        (party.address !== null && netsOnce().some((net) => cidrContains(net, party.address!))),
      find: (parties) => [
        ...[...classes()].flatMap((labelClass) => parties.ofClass(labelClass)),
        ...parties.inNets(netsOnce()),
      ],
      lower: () => {
        const members = [...classes()].flatMap((labelClass) => labelClass.endpoints)
        const addresses = members.flatMap((endpoint) => endpoint.addresses.map(addressText))
        return {
          id,
          text,
          cidrs: sortedCidrs([...addresses.map((text) => parseCidrOrAddress(text)!), ...netsOnce()]),
        }
      },
    }
  }

  private namedPortGroup({ name, protocol, within }: NamedPortKey, text: string): PortGroup {
    const id = `n${shortHash(text)}`
    let classes: Set<LabelClass> | undefined
    const isWithin = ({ labelClass }: Endpoint) => {
      if (!within) return true
      classes ??= this.classesOf(within, selectorText(within))
      return classes.has(labelClass)
    }
    const owners = () => {
      if (!within) return this.catalog.ownersOfPort(name)
      return [...this.classesOf(within, selectorText(within))].flatMap(({ endpoints }) => endpoints)
    }
    const has = ({ ports }: Endpoint, wanted: number, port: number) =>
      ports.some((named) => named.name === name && named.protocol === wanted && named.port === port)
    const applies = (wanted: number) => protocol === undefined || protocol === wanted
    return {
      id,
      text,
      includes: (party, wanted, port) =>
        applies(wanted) && party.endpoints.some((one) => isWithin(one) && has(one, wanted, port)),
      find: (parties, wanted, port) =>
        (applies(wanted) ? owners() : [])
          .filter((one) => has(one, wanted, port))
          .flatMap((one) => parties.ofEndpoint(one)),
      lower: () => {
        const members = owners().flatMap((endpoint) =>
          endpoint.ports
            .filter((named) => named.name === name && applies(named.protocol))
            .flatMap(({ protocol, port }) =>
              endpoint.addresses.map((address) => ({ address: addressText(address), protocol, port })),
            ),
        )
        return { id, text, members: sortedMembers(members) }
      },
    }
  }

  private classesOf(selector: Selector, text: string): Set<LabelClass> {
    return remember(this.classSets, text, () => new Set(this.catalog.selected(selector)))
  }
}

function remember<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const value = make()
  map.set(key, value)
  return value
}

function hostCidrs(addresses: Iterable<string>): string[] {
  return sortedCidrs([...addresses].map((address) => parseCidrOrAddress(address)!))
}

function sortedCidrs(cidrs: Cidr[]): string[] {
  return [...new Set([...cidrs].sort(compareCidrs).map(formatCidr))]
}

function sortedMembers(members: PortSet['members']): PortSet['members'] {
  const unique = new Map(
    members.map((member) => [`${member.address} ${member.protocol} ${member.port}`, member]),
  )
  return [...unique.keys()].sort().map((key) => unique.get(key)!)
}
