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

/**
 * Why no address can be made up: blocks of rules and network sets that hold some of the addresses that a pod can
 * have and not others, a sentence each. Any address will do where there are none.
 */
export function undecidedNets(model: Model, podNet: Cidr | null): string[] {
  const candidates = podNet ? [podNet] : privateNets
  return netsOf(model)
    .filter(({ net }) => overlaps(net, candidates) && !candidates.every((one) => cidrCovers(net, one)))
    .map(({ net, owner }) => `${formatCidr(net)} of ${owner}`)
}

/** The same objects; pods without an address have one that nobody else has. */
export function withAddresses(objects: KubernetesObject[], podNet: Cidr | null): KubernetesObject[] {
  const missing = new Set(podsWithoutAddress(objects))
  const taken = new Set(objects.flatMap(({ status }) => addressesOf(status)))
  const net = podNet ?? privateNets.at(-1)!
  let next = net.last
  return objects.map((object) => {
    if (!missing.has(object)) return object
    let podIP: string
    do podIP = formatAddress({ version: net.version, value: --next })
    while (taken.has(podIP))
    return { ...object, status: { ...object.status, podIP } }
  })
}

// biome-ignore lint/suspicious/noExplicitAny: the status of any kind
function addressesOf(status: any): string[] {
  const listed = Array.isArray(status?.podIPs) ? status.podIPs.map(({ ip }: { ip: string }) => ip) : []
  const node = Array.isArray(status?.addresses)
    ? status.addresses.map(({ address }: { address: string }) => address)
    : []
  return [status?.podIP, ...listed, ...node].filter((text) => typeof text === 'string')
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
