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
  const pods = ownersOf(world, packet.destination).filter(({ type }) => type === 'pod')
  return (
    peers.some((peer) => peerMatches(world, peer, address)) &&
    (protocols.length === 0 || protocols.some(matches))
  )

  function matches(entry: Any): boolean {
    if (entry.destinationNamedPort) return hasNamedPort(pods, entry.destinationNamedPort, packet)
    const [name, value] = Object.entries(entry)[0] as [string, Any]
    if (name.toUpperCase() !== packet.protocol) return false
    const { number, range } = value.destinationPort ?? {}
    if (range) return packet.port >= range.start && packet.port <= range.end
    return number === undefined || number === packet.port
  }
}

function peerMatches(world: World, { namespaces, pods, networks }: Any, address: string): boolean {
  if (networks) return networks.some((one: string) => isSix(one) === isSix(address) && within(address, one))
  return ownersOf(world, address).some((owner) =>
    pods ? inPods(pods, owner) : inNamespaces(namespaces, owner),
  )
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
  const empty = Object.keys(selector).length === 0
  return empty ? owner.namespace !== undefined : fits(selector, (label) => owner.namespaceLabels?.[label])
}
