import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { isSix, within } from './bits.ts'
import { fits, hasNamedPort } from './kubernetes.ts'
import type { Direction, Packet } from './oracle.ts'
import { labelOf, type Owner, ownersOf, type World } from './world.ts'

type Any = KubernetesObject['spec']

export function selectsClusterSubject({ spec }: KubernetesObject, pod: Owner): boolean {
  const { namespaces, pods } = spec.subject
  return pods ? inPods(pods, pod) : fits(namespaces, (label) => pod.namespaceLabels![label])
}

export function clusterMatches(world: World, rule: Any, direction: Direction, packet: Packet): boolean {
  const address = direction === 'ingress' ? packet.source : packet.destination
  const peers: Any[] = direction === 'ingress' ? rule.from : rule.to
  const protocols: Any[] = rule.protocols ?? []
  const targets = ownersOf(world, packet.destination)
  return peers.some((peer) => {
    if (!peerMatches(world, peer, address)) return false
    // A named port is one of those that an egress peer selects itself, or of anybody's.
    const narrowed = direction === 'egress' && !peer.networks
    const named = narrowed ? targets.filter((owner) => selectedBy(peer, owner)) : targets
    return protocols.length === 0 || protocols.some((entry) => protocolMatches(entry, packet, named))
  })
}

function protocolMatches(entry: Any, packet: Packet, named: Owner[]): boolean {
  if (entry.destinationNamedPort) return hasNamedPort(named, entry.destinationNamedPort, packet)
  const [name, value] = Object.entries(entry)[0] as [string, Any]
  if (name.toUpperCase() !== packet.protocol) return false
  const { number, range } = value.destinationPort ?? {}
  if (range) return packet.port >= range.start && packet.port <= range.end
  return number === undefined || number === packet.port
}

function peerMatches(world: World, peer: Any, address: string): boolean {
  if (peer.networks)
    return peer.networks.some((one: string) => isSix(one) === isSix(address) && within(address, one))
  return ownersOf(world, address).some((owner) => selectedBy(peer, owner))
}

function selectedBy({ namespaces, pods }: Any, owner: Owner): boolean {
  return pods ? inPods(pods, owner) : inNamespaces(namespaces, owner)
}

function inPods({ podSelector, namespaceSelector }: Any, owner: Owner): boolean {
  if (owner.type !== 'pod') return false
  return (
    fits(podSelector, (label) => labelOf(owner, label)) &&
    fits(namespaceSelector, (label) => owner.namespaceLabels![label])
  )
}

/** Network sets count too; with an empty selector only what has a namespace, else whatever fits, hosts included. */
function inNamespaces(selector: Any, owner: Owner): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector
  const empty = Object.keys(matchLabels).length + matchExpressions.length === 0
  return empty ? owner.namespace !== undefined : fits(selector, (label) => owner.namespaceLabels?.[label])
}
