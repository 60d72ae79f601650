import { formatCidr, type IpVersion } from '../../cidr.ts'
import { type Ends, type Packet, portUse, refusedPorts, wantedPorts } from '../evaluate/index.ts'
import type { AddressGroup, Model, Peer, PortGroup } from '../model/index.ts'
import { type Actor, partyAt } from './actor.ts'
import { Lookup } from './lookup.ts'

/** One thing a rule can ask of an end: whether its address is in a group or in blocks, or its port in a group. */
export interface Trait {
  key: string
  find(parties: Lookup): number[]
}

/** What a peer asks of its end for one packet: every trait of `all`, some of `some`, none of `none`. */
export interface Demand {
  /** False where no end can meet it. */
  possible: boolean
  all: Trait[]
  /** Empty where nothing is asked. */
  some: Trait[]
  none: Trait[]
}

export function demandOf(peer: Peer, packet: Packet, side: keyof Ends): Demand {
  const use = portUse(packet, side)
  const wanted = wantedPorts(peer, use)
  const refused = refusedPorts(peer, use)
  const named = (group: PortGroup): Trait => ({
    key: `${group.id} ${use.protocol} ${use.port}`,
    find: (parties) => group.find(parties, use.protocol, use.port),
  })
  return {
    possible: wanted !== false && refused !== true,
    all: [...peer.groups.map(inGroup), ...inBlocks(peer.nets)],
    some: Array.isArray(wanted) ? wanted.map(named) : [],
    none: [
      ...peer.notGroups.map(inGroup),
      ...inBlocks(peer.notNets),
      ...(refused === true ? [] : refused.map(named)),
    ],
  }
}

export function asksNothing({ possible, all, some, none }: Demand): boolean {
  return possible && all.length + some.length + none.length === 0
}

/** Who has which trait, by end and family; each trait is looked up once. */
export class Traits {
  private readonly lookups = new Map<string, Lookup>()
  private readonly known = new Map<string, number[]>()

  constructor(
    private readonly model: Model,
    private readonly actors: Actor[],
  ) {}

  /** Places of the actors that have the trait; they may repeat. */
  owners({ key, find }: Trait, side: keyof Ends, version: IpVersion): number[] {
    const where = `${side} ${version}`
    const whole = `${where} ${key}`
    const known = this.known.get(whole)
    if (known) return known
    const owners = find(this.lookup(where, side, version))
    this.known.set(whole, owners)
    return owners
  }

  private lookup(where: string, side: keyof Ends, version: IpVersion): Lookup {
    const known = this.lookups.get(where)
    if (known) return known
    const lookup = new Lookup(this.actors.map((actor) => partyAt(this.model, actor, { side, version })))
    this.lookups.set(where, lookup)
    return lookup
  }
}

function inGroup(group: AddressGroup): Trait {
  return { key: group.id, find: (parties) => group.find(parties) }
}

function inBlocks(nets: Peer['nets']): Trait[] {
  if (nets.length === 0) return []
  return [{ key: `in ${nets.map(formatCidr).join()}`, find: (parties) => parties.inNets(nets) }]
}
