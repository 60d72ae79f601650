import { formatCidr, parseAddress, parseCidrOrAddress } from '../../src/cidr.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'

/** Where the pods and nodes of a running cluster are: an address of IPv4 and one of IPv6 each, where it has both. */
export interface Locations {
  /** By `namespace/pod`. */
  pods: Record<string, string[]>
  /** The cluster's nodes, in the order of `n1`, `n2`. */
  nodes: { name: string; addresses: string[] }[]
}

/**
 * Random objects speak of a made-up network (10.0.0.0/8 and fd00::/64, nodes n1 and n2); this puts in the running cluster's
 * addresses that play the same part. No two blocks become one, and what lay within a block still does.
 */
export function relocate<Value>(value: Value, { pods, nodes }: Locations): Value {
  const at = (id: string) => pods[id]![0]!
  const six = pods['x/p3']![1]
  const [one, two] = nodes
  const places: Record<string, string> = {
    '10.0.0.0/8': '192.168.0.0/16',
    '10.0.0.0/28': around(at('x/p0'), 26),
    '10.0.0.0/29': around(at('x/p0'), 28),
    '10.0.0.4/30': around(at('x/p3'), 31),
    '10.0.0.3/32': `${at('z/p2')}/32`,
    '10.0.0.1/32': `${at('x/p0')}/32`,
    '203.0.113.0/24': around(one!.addresses[0]!, 16),
    '203.0.113.0/25': `${two!.addresses[0]}/32`,
    '0.0.0.0/1': '128.0.0.0/1',
    'fd00::/64': 'fd00:10:244::/56',
    ...(six && { 'fd00::4/126': around(six, 127) }),
    '2001:db8::/32': 'fc00:f853:ccd:e793::/64',
    '172.18.0.2': one!.addresses[0]!,
    '172.18.0.3': two!.addresses[0]!,
    ...(one!.addresses[1] && { 'fc00::2': one!.addresses[1] }),
    ...(two!.addresses[1] && { 'fc00::3': two!.addresses[1] }),
    n1: one!.name,
    n2: two!.name,
  }
  for (const [id, [four, six]] of Object.entries(pods)) {
    const index = Number(id.at(-1)) + 1
    places[`10.0.0.${index}`] = four!
    if (six) places[`fd00::${index}`] = six
  }
  const replace = (item: unknown): unknown => {
    if (typeof item === 'string') return Object.hasOwn(places, item) ? places[item] : item
    if (Array.isArray(item)) return item.map(replace)
    if (item === null || typeof item !== 'object') return item
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, replace(inner)]))
  }
  return replace(value) as Value
}

/** What says what is allowed, apart from what the cluster is. */
export function isPolicyOrSet({ kind }: KubernetesObject): boolean {
  return ['Tier', 'HostEndpoint'].includes(kind) || kind.endsWith('Policy') || kind.endsWith('NetworkSet')
}

function around(address: string, prefix: number): string {
  if (!parseAddress(address)) throw new Error(`${address} is no address`)
  return formatCidr(parseCidrOrAddress(`${address}/${prefix}`)!)
}
