import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { within } from './bits.ts'
import type { Direction, Packet } from './oracle.ts'
import { labelOf, type Owner, ownersOf, type World } from './world.ts'

interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** Whether labels, found by `get`, fit a Kubernetes selector. */
export function fits(selector: LabelSelector, get: (label: string) => string | undefined): boolean {
  const labels = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => get(key) === value)
  const expressions = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = get(key)
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    const listed = value !== undefined && values.includes(value)
    return operator === 'In' ? listed : !listed
  })
  return labels && expressions
}

export function selectsPod({ metadata, spec }: KubernetesObject, pod: Owner): boolean {
  return pod.namespace === metadata.namespace && fits(spec.podSelector ?? {}, (label) => labelOf(pod, label))
}

interface KubernetesQuestion {
  policy: KubernetesObject
  rule: KubernetesObject['spec']
  direction: Direction
  packet: Packet
}

export function kubernetesMatches(
  world: World,
  { policy, rule, direction, packet }: KubernetesQuestion,
): boolean {
  const peers = (direction === 'ingress' ? rule.from : rule.to) ?? []
  const address = direction === 'ingress' ? packet.source : packet.destination
  const owners = ownersOf(world, packet.destination)
  const pods = owners.filter(({ type }) => type === 'pod')
  const fitting: (Peer | null)[] =
    peers.length === 0
      ? [null]
      : peers.filter((peer: Peer) => peerMatches(world, peer, policy.metadata.namespace!, address))
  const ports: Port[] = rule.ports ?? []
  return fitting.some((peer) => {
    // A named port is one of the pods that an egress peer selects, or of anybody's.
    const named = direction === 'egress' && peer && !peer.ipBlock ? pods : owners
    return ports.length === 0 || ports.some((port) => portMatches(port, packet, named))
  })
}

interface Peer {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: { cidr: string; except?: string[] }
}

function peerMatches(world: World, peer: Peer, namespace: string, address: string): boolean {
  const { ipBlock, podSelector, namespaceSelector } = peer
  if (ipBlock)
    return within(address, ipBlock.cidr) && !(ipBlock.except ?? []).some((one) => within(address, one))
  return ownersOf(world, address).some(
    (owner) =>
      owner.type === 'pod' &&
      (namespaceSelector
        ? fits(namespaceSelector, (label) => owner.namespaceLabels![label])
        : owner.namespace === namespace) &&
      fits(podSelector ?? {}, (label) => labelOf(owner, label)),
  )
}

interface Port {
  protocol?: string
  port?: number | string
  endPort?: number
}

function portMatches({ protocol = 'TCP', port, endPort }: Port, packet: Packet, pods: Owner[]): boolean {
  if (protocol !== packet.protocol) return false
  if (port === undefined) return true
  if (typeof port === 'number') return packet.port >= port && packet.port <= (endPort ?? port)
  return hasNamedPort(pods, port, packet)
}

export function hasNamedPort(owners: Owner[], name: string, { protocol, port }: Packet): boolean {
  return owners.some(({ ports }) =>
    ports.some((one) => one.name === name && one.protocol === protocol && one.number === port),
  )
}
