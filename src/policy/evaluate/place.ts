import { type Address, type IpVersion, parseAddress } from '../../cidr.ts'
import { LabError } from '../../errors.ts'
import { namesNear } from '../admit/index.ts'
import { addressText, type Endpoint, type Model, type Party } from '../model/index.ts'
import type { Flow } from './flow.ts'

/** Where one end of a flow stands, which decides whose policies are asked. */
export type Place =
  | { kind: 'pod'; endpoint: Endpoint; party: Party }
  | { kind: 'host'; node: string; party: Party }
  | { kind: 'outside'; party: Party }

/**
 * Both ends of a flow, in one address family.
 * @throws LabError `not-found` for a pod that is not in the model, `bad-input` for families that do not meet.
 */
export function placesOf(model: Model, flow: Flow): { source: Place; destination: Place } {
  const source = candidateOf(model, flow.source)
  const destination = candidateOf(model, flow.destination)
  const version = flow.ipVersion ?? commonVersion(source, destination)
  return { source: place(model, source, version), destination: place(model, destination, version) }
}

/** The source of what a node sends to a pod of another node, as rules see it: its tunnel's address where there is one. */
export function asSeenByPod(
  model: Model,
  source: Extract<Place, { kind: 'host' }>,
  destination: Extract<Place, { kind: 'pod' }>,
): Party {
  const { version } = source.party
  const to = { node: destination.endpoint.node, address: destination.party.address }
  const tunnel = model.catalog.nodes.tunnelAddress(source.node, to, version)
  return tunnel ? partyOf(model, tunnel, version) : source.party
}

interface Candidate {
  text: string
  endpoint?: Endpoint
  node?: string
  addresses: Address[]
}

function candidateOf(model: Model, text: string): Candidate {
  const { catalog } = model
  const address = parseAddress(text)
  if (address) return candidateOfAddress(model, address)
  const endpoint = catalog.pod(text)
  if (endpoint) return { text, endpoint, addresses: endpoint.addresses }
  const hostPod = catalog.hostPods.get(text)
  if (!hostPod) throw notFound(text, [...model.pods.keys(), ...catalog.hostPods.keys()])
  const addresses =
    hostPod.addresses.length > 0 ? hostPod.addresses : catalog.nodes.get(hostPod.node)!.addresses
  return { text, node: hostPod.node, addresses }
}

function candidateOfAddress({ catalog }: Model, address: Address): Candidate {
  const text = addressText(address)
  const endpoint = catalog.ownersOf(text).find(({ kind }) => kind === 'pod')
  return { text, endpoint, node: catalog.nodes.ownerOf(text), addresses: [address] }
}

function commonVersion(source: Candidate, destination: Candidate): IpVersion {
  const has = ({ addresses }: Candidate, version: IpVersion) =>
    addresses.some((address) => address.version === version)
  const shared = destination.addresses.find(({ version }) => has(source, version))
  return (shared ?? destination.addresses[0] ?? source.addresses[0])?.version ?? 4
}

function place(model: Model, { text, endpoint, node, addresses }: Candidate, version: IpVersion): Place {
  const address = addresses.find((one) => one.version === version) ?? null
  if (!address && addresses.length > 0)
    throw new LabError({
      code: 'bad-input',
      message: `${text} has no IPv${version} address`,
      hint: 'ask for two ends of the same address family',
    })
  if (endpoint) {
    const party = address
      ? partyOf(model, address, version)
      : { version, address, text: '', endpoints: [endpoint] }
    return { kind: 'pod', endpoint, party }
  }
  const party = partyOf(model, address, version)
  return node === undefined ? { kind: 'outside', party } : { kind: 'host', node, party }
}

/** Who stands at an address; nobody without one. */
export function partyOf({ catalog }: Model, address: Address | null, version: IpVersion): Party {
  const text = addressText(address)
  return { version, address, text, endpoints: catalog.ownersOf(text) }
}

function notFound(text: string, pods: string[]): LabError {
  const near = namesNear(text, pods)
  return new LabError({
    code: 'not-found',
    message: `no running pod ${text}, and no address either`,
    cause: near.length > 0 ? `there are ${near.join(', ')}` : 'there are no pods',
    hint: 'name a pod as namespace/pod, or give an IP address',
  })
}
