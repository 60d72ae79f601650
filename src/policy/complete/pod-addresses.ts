import { type Cidr, cidrCovers, formatAddress, formatCidr, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { describePolicy, type Model } from '../model/index.ts'

/** Where pods have their addresses if nothing says so: private (RFC 1918) and shared (RFC 6598) address space. */
const privateNets = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
  (text) => parseCidr(text)!,
)

/** Pods of the list that have no address yet and will get one. */
export function podsWithoutAddress(objects: KubernetesObject[]): KubernetesObject[] {
  return objects.filter(
    ({ apiVersion, kind, status, spec }) =>
      apiVersion === 'v1' &&
      kind === 'Pod' &&
      !status?.podIP &&
      !status?.podIPs?.length &&
      !spec?.hostNetwork &&
      !['Succeeded', 'Failed'].includes(status?.phase),
  )
}

/** Where the IPPools among the objects say that pods have their addresses. */
export function podNetworksOf(objects: KubernetesObject[]): Cidr[] {
  const pools = objects.filter(({ kind }) => kind === 'IPPool').map(({ spec }) => parseCidr(spec?.cidr ?? ''))
  return pools.filter((pool) => pool !== null)
}

/**
 * Why no address can be made up: blocks of rules and network sets that hold some of the addresses that a pod can
 * have and not others, a sentence each. Any address will do where there are none. Without a network: any private one.
 */
export function undecidedNets(model: Model, networks: Cidr[]): string[] {
  const candidates = networks.length > 0 ? networks : privateNets
  return netsOf(model)
    .filter(({ net }) => overlaps(net, candidates) && !candidates.every((one) => cidrCovers(net, one)))
    .map(({ net, owner }) => `${formatCidr(net)} of ${owner}`)
}

/** The same objects; pods without an address have one of the network that nobody else has. */
export function withAddresses(
  objects: KubernetesObject[],
  network: Cidr = privateNets.at(-1)!,
): KubernetesObject[] {
  const missing = new Set(podsWithoutAddress(objects))
  const taken = new Set(objects.flatMap(({ status }) => addressesOf(status)))
  const spare = spareAddresses(network)
  return objects.map((object) => {
    if (!missing.has(object)) return object
    let podIP = spare.next().value as string
    while (taken.has(podIP)) podIP = spare.next().value as string
    return { ...object, status: { ...object.status, podIP } }
  })
}

/** Addresses at the end of a network, which clusters give out last. */
export function* spareAddresses(network: Cidr): Generator<string> {
  for (let value = network.last - 1n; value > network.first; value--)
    yield formatAddress({ version: network.version, value })
}

// biome-ignore lint/suspicious/noExplicitAny: the status of any kind
function addressesOf(status: any): string[] {
  const listed = Array.isArray(status?.podIPs) ? status.podIPs.map(({ ip }: { ip: string }) => ip) : []
  const node = Array.isArray(status?.addresses)
    ? status.addresses.map(({ address }: { address: string }) => address)
    : []
  return [status?.podIP, ...listed, ...node]
}

function netsOf({ tiers, catalog }: Model): { net: Cidr; owner: string }[] {
  const policies = tiers.flatMap((tier) => tier.policies.filter(({ staged }) => !staged))
  const ofRules = policies.flatMap(({ ref, rules }) =>
    [...(rules.ingress ?? []), ...(rules.egress ?? [])].flatMap(({ source, destination }) =>
      [source, destination].flatMap(({ nets, notNets }) =>
        [...nets, ...notNets].map((net) => ({ net, owner: describePolicy(ref) })),
      ),
    ),
  )
  const ofSets = catalog.networkSets.flatMap(({ nets }) =>
    nets.map((net) => ({ net, owner: 'a network set' })),
  )
  const all = [...ofRules, ...ofSets]
  return [...new Map(all.map((one) => [`${formatCidr(one.net)} ${one.owner}`, one])).values()]
}

function overlaps(net: Cidr, others: Cidr[]): boolean {
  return others.some((one) => cidrCovers(net, one) || cidrCovers(one, net))
}
