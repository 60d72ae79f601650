import type { Address, IpVersion } from '../../cidr.ts'
import { type Ends, partyOf } from '../evaluate/index.ts'
import type { Endpoint, Model, Party } from '../model/index.ts'

/** A pod at an end of a cell; one on its node's network has no endpoint, so no policies of its own. */
export interface Actor {
  /** `namespace/pod`. */
  id: string
  endpoint: Endpoint | null
  node: string
  addresses: Address[]
}

/** Every pod of the model, host-network ones included, sorted by name. */
export function actorsOf({ pods, catalog }: Model): Actor[] {
  const own = [...pods.values()].map((endpoint) => {
    const { id, node, addresses } = endpoint
    return { id, endpoint, node, addresses }
  })
  const hosts = [...catalog.hostPods.values()].map(({ id, node, addresses }) => ({
    id,
    endpoint: null,
    node,
    addresses: addresses.length > 0 ? addresses : catalog.nodes.get(node)!.addresses,
  }))
  return [...own, ...hosts].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** A pod of another node, where it does not matter which. */
const anywhere = { node: '', address: null }

/** What rules see of an actor at one end of a flow, or null without an address of the family. */
export function partyAt(
  model: Model,
  actor: Actor,
  { side, version }: { side: keyof Ends; version: IpVersion },
): Party | null {
  const { endpoint, node, addresses } = actor
  const own = addresses.find((address) => address.version === version) ?? null
  if (!own && addresses.length > 0) return null
  if (endpoint && !own) return { version, address: null, text: '', endpoints: [endpoint] }
  const isSource = !endpoint && side === 'source'
  const remote = isSource ? model.catalog.nodes.tunnelAddress(node, anywhere, version) : undefined
  return partyOf(model, remote ?? own, version)
}

/** The families of an actor's addresses, in order; '' where it has none and so stands for any. */
export function familiesOf({ addresses }: Actor): string {
  return [...new Set(addresses.map(({ version }) => version))].join('')
}

/** The family in which a flow goes, by the families of its ends; null where they do not meet. */
export function familyBetween(source: string, destination: string): IpVersion | null {
  const [own] = [...(destination || source || '4')].filter(
    (family) => source === '' || destination === '' || source.includes(family),
  )
  return own === undefined ? null : (Number(own) as IpVersion)
}
