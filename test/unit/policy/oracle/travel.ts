import { isSix, within } from './bits.ts'
import { type Answer, type Direction, type Location, type Packet, podAllows, walkTiers } from './oracle.ts'
import type { Owner, World } from './world.ts'

/** A packet at one node, as netfilter has it: where it came in, and where it will go out. */
interface Passage {
  node: string
  /** `cali` for a pod's interface; none for what the node itself sends, or takes. */
  in?: string
  out?: string
  fromPod?: Owner
  toPod?: Owner
  packet: Packet
}

/** The journey of a packet from node to node. The side is the one whose policies it meets there. */
export function travel(
  world: World,
  { from, to, packet }: { from: Location; to: Location; packet: Packet },
): Answer {
  const [here, there] = [from.pod?.node ?? from.node, to.pod?.node ?? to.node]
  const isOwnPod = from.node !== undefined && to.pod !== undefined && here === there
  const answer: Answer = { egress: from.pod ? true : null, ingress: to.pod && !isOwnPod ? true : null }
  const tunnelled = here !== undefined && to.pod !== undefined && usesTunnel(world, here, to.pod, packet)
  const way = tunnelled ? 'vxlan.calico' : 'eth0'
  const seen = tunnelled && !from.pod ? { ...packet, source: tunnelOf(world, here) } : packet
  const drop = (side: 'egress' | 'ingress') => {
    answer[side] = false
  }
  if (here !== undefined && here === there) {
    passLocally(world, { node: here, packet, fromPod: from.pod, toPod: to.pod }, drop)
    return answer
  }
  if (tunnelled) {
    const outer = {
      ...packet,
      protocol: 'UDP',
      port: 4789,
      source: outerOf(world, here),
      destination: outerOf(world, there!),
    }
    // The tunnel's own packets: no normal policy is asked about those.
    if (
      ask(world, { node: here, iface: 'eth0', set: 'untracked', direction: 'egress', packet: outer }) ===
      'deny'
    )
      drop('egress')
    const into = (set: HostSet) =>
      ask(world, { node: there!, iface: 'eth0', set, direction: 'ingress', packet: outer })
    if ((into('untracked') ?? into('preDNAT')) === 'deny') drop('ingress')
    // The answer is carried back by packets that no connection is known of: each way has a source port of its own.
    const back = { ...outer, source: outer.destination, destination: outer.source }
    const answered = {
      node: here,
      iface: 'eth0',
      set: 'preDNAT',
      direction: 'ingress',
      packet: back,
    } as const
    if (ask(world, answered) === 'deny') drop('egress')
  }
  if (here !== undefined) {
    const origin = from.pod ? 'cali' : undefined
    pass(world, { node: here, in: origin, out: way, fromPod: from.pod, packet: seen }, () => drop('egress'))
  }
  if (there !== undefined) {
    const arriving = from.pod && !to.pod ? { ...seen, source: translated(world, from, to) } : seen
    const target = to.pod ? 'cali' : undefined
    pass(world, { node: there, in: way, out: target, toPod: to.pod, packet: arriving }, () => drop('ingress'))
  }
  return answer
}

function passLocally(
  world: World,
  { node, packet, fromPod, toPod }: Passage,
  drop: (side: 'egress' | 'ingress') => void,
): void {
  if (fromPod) {
    // One pass through the node: what the receiving pod and what lies behind it say is the other side's.
    pass(world, { node, in: 'cali', out: toPod && 'lo-side', fromPod, packet }, () => drop('egress'))
    if (toPod) {
      if (!podAllows(world, toPod, 'ingress', packet)) drop('ingress')
      if (ask(world, { node, iface: 'cali', set: 'forward', direction: 'egress', packet }) === 'deny')
        drop('ingress')
    }
  } else if (!toPod) {
    pass(world, { node, out: 'lo', packet }, () => drop('egress'))
    pass(world, { node, in: 'lo', packet }, () => drop('ingress'))
  }
}

/** The hooks of one node, in order. */
function pass(world: World, passage: Passage, drop: () => void): void {
  const { node, in: input, out: output, fromPod, toPod, packet } = passage
  let accepted = false
  const at = (iface: string, set: HostSet, direction: Direction) => {
    const said = ask(world, { node, iface, set, direction, packet })
    if (said === 'deny') drop()
    if (said === 'allow') accepted = true
  }
  if (input === undefined) {
    at(output!, 'untracked', 'egress')
    if (!accepted) at(output!, 'normal', 'egress')
    return
  }
  if (input !== 'cali') at(input, 'untracked', 'ingress')
  if (!accepted) at(input, 'preDNAT', 'ingress')
  if (output === undefined) {
    if (fromPod) allowOrDrop(podAllows(world, fromPod, 'egress', packet), drop)
    else if (!accepted) at(input, 'normal', 'ingress')
    return
  }
  if (!accepted) at(input, 'forward', 'ingress')
  if (fromPod) allowOrDrop(podAllows(world, fromPod, 'egress', packet), drop)
  if (toPod) allowOrDrop(podAllows(world, toPod, 'ingress', packet), drop)
  if (output !== 'lo-side') at(output, 'forward', 'egress')
}

function allowOrDrop(allowed: boolean, drop: () => void): void {
  if (!allowed) drop()
}

type HostSet = 'untracked' | 'preDNAT' | 'normal' | 'forward'

interface HostQuestion {
  node: string
  iface: string
  set: HostSet
  direction: Direction
  packet: Packet
}

/** What the host endpoint of an interface says, if there is one and it says anything. */
function ask(world: World, { node, iface, set, direction, packet }: HostQuestion): 'allow' | 'deny' | null {
  const hep = endpointAt(world, { node, iface, direction, packet })
  if (!hep) return null
  const isAll = hep.interfaceName === '*'
  if (set === 'untracked' && isAll) return null
  if (set !== 'forward' && failsafe[direction].includes(`${packet.protocol} ${packet.port}`))
    return set === 'normal' ? 'allow' : null
  const policies = world.policies.filter(({ kind, spec }) => {
    if (kind.startsWith('Staged')) return false
    const kept = spec.doNotTrack ? 'untracked' : spec.preDNAT ? 'preDNAT' : 'normal'
    return set === 'forward' ? kept === 'normal' && spec.applyOnForward : kept === set
  })
  const endsPass = set === 'untracked' || set === 'preDNAT'
  const said = walkTiers(world, hep, { direction, packet, policies, endsPass })
  if (said || set !== 'normal') return said
  return profileAllows(world, hep.profiles ?? []) ? 'allow' : 'deny'
}

const tcp = [179, 2379, 2380, 5473, 6443, 6666, 6667]
const failsafe: Record<Direction, string[]> = {
  ingress: ['UDP 68', ...[22, ...tcp].map((port) => `TCP ${port}`)],
  egress: ['UDP 53', 'UDP 67', ...tcp.map((port) => `TCP ${port}`)],
}

function profileAllows(world: World, [first, ...rest]: string[]): boolean {
  if (first === undefined) return false
  if (first.startsWith('ksa.')) return profileAllows(world, rest)
  const isNamespace = world.owners.some(
    ({ type, namespace }) => type === 'pod' && first === `kns.${namespace}`,
  )
  return first === 'projectcalico-default-allow' || isNamespace
}

/** Names before addresses before `*`, and of several the first by name. */
function endpointAt(
  world: World,
  { node, iface, direction, packet }: Omit<HostQuestion, 'set'>,
): Owner | undefined {
  const heps = world.owners
    .filter((owner) => owner.type === 'host' && owner.node === node)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const outer = addressOnEth0(world, { node, direction, packet })
  const named = heps.find(
    ({ interfaceName, addresses }) =>
      interfaceName !== '*' && iface === 'eth0' && (addresses.length === 0 || addresses.includes(outer)),
  )
  return named ?? heps.find(({ interfaceName }) => interfaceName === '*')
}

/** The node's address that the packet is for, or the one it leaves by. */
function addressOnEth0(
  world: World,
  { node, direction, packet }: Pick<HostQuestion, 'node' | 'direction' | 'packet'>,
): string {
  const own = world.nodes.find(({ name }) => name === node)!.addresses
  const all = [
    ...own,
    ...world.owners
      .filter((owner) => owner.type === 'host' && owner.node === node)
      .flatMap((one) => one.addresses),
  ]
  if (direction === 'ingress' && all.includes(packet.destination)) return packet.destination
  return own.find((address) => isSix(address) === isSix(packet.destination))!
}

function usesTunnel(
  { pool, nodes }: World,
  here: string,
  { node, addresses }: Owner,
  packet: Packet,
): boolean {
  if (!pool || isSix(packet.destination) || !addresses.some((one) => within(one, pool.cidr))) return false
  if (pool.vxlanMode !== 'CrossSubnet') return pool.vxlanMode === 'Always'
  const other = nodes.find(({ name }) => name === node)!.addresses[0]!
  return !within(other, nodes.find(({ name }) => name === here)!.subnet)
}

function tunnelOf({ nodes }: World, node: string): string {
  return nodes.find(({ name }) => name === node)!.tunnel
}

/** The address under which a node's tunnel talks to others; only IPv4 is tunnelled here. */
function outerOf({ nodes }: World, node: string): string {
  return nodes.find(({ name }) => name === node)!.addresses[0]!
}

/** The source of what a pod sends to another node itself. */
function translated({ pool, nodes }: World, from: Location, to: Location): string {
  if (isSix(from.address)) return from.address
  if (pool && (!pool.natOutgoing || within(to.address, pool.cidr))) return from.address
  return nodes.find(({ name }) => name === from.pod!.node)!.addresses[0]!
}
