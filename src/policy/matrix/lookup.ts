import { type Cidr, cidrContains } from '../../cidr.ts'
import type { Endpoint, LabelClass, Party, PartyLookup } from '../model/index.ts'

/** Parties by their place in a list, as groups ask for them; null ones are found by nothing. */
export class Lookup implements PartyLookup {
  private readonly byClass = new Map<LabelClass, number[]>()
  private readonly byEndpoint = new Map<Endpoint, number[]>()
  private readonly byText = new Map<string, number[]>()
  /** Places of the parties that have an address, by address. */
  private readonly sorted: { value: bigint; version: number; place: number }[] = []

  constructor(private readonly parties: (Party | null)[]) {
    for (const [place, party] of parties.entries()) {
      if (!party) continue
      for (const endpoint of party.endpoints) {
        put(this.byClass, endpoint.labelClass, place)
        put(this.byEndpoint, endpoint, place)
      }
      if (!party.address) continue
      put(this.byText, party.text, place)
      this.sorted.push({ ...party.address, place })
    }
    this.sorted.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0))
  }

  ofClass(labelClass: LabelClass): readonly number[] {
    return this.byClass.get(labelClass) ?? []
  }

  ofEndpoint(endpoint: Endpoint): readonly number[] {
    return this.byEndpoint.get(endpoint) ?? []
  }

  at(address: string): readonly number[] {
    return this.byText.get(address) ?? []
  }

  inNets(nets: Cidr[]): number[] {
    return nets.flatMap((net) => this.inNet(net))
  }

  private inNet(net: Cidr): number[] {
    const found: number[] = []
    for (let index = this.firstFrom(net.first); index < this.sorted.length; index++) {
      const { value, place } = this.sorted[index]!
      if (value > net.last) break
      if (cidrContains(net, this.parties[place]!.address!)) found.push(place)
    }
    return found
  }

  private firstFrom(value: bigint): number {
    let [low, high] = [0, this.sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.sorted[middle]!.value < value) low = middle + 1
      else high = middle
    }
    return low
  }
}

function put<Key>(map: Map<Key, number[]>, key: Key, place: number): void {
  const known = map.get(key)
  if (known) known.push(place)
  else map.set(key, [place])
}
