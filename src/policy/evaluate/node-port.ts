import { outsideOf } from '../model/index.ts'
import type { NodePort } from './flow.ts'
import type { Gate } from './gate.ts'
import { type Place, partyOf } from './place.ts'
import {
  arriving,
  asSeenByHost,
  carrierGates,
  endsOf,
  type Gates,
  hostGate,
  leaving,
  nodeOf,
  type Route,
  wayOut,
} from './route.ts'

/**
 * Who is asked about a flow to a port of a node that leads to the destination. On that node the destination is
 * translated before pods' policies see it; what goes on to another node does so under the node's own address, which it
 * takes after them (kube-proxy's KUBE-EXT chains mark for masquerade; Calico asks a pod's policies in FORWARD, between both translations).
 */
export function gatesThroughNode(route: Route, nodePort: NodePort): Gates {
  const { source, destination } = route
  const { node } = nodePort
  const host = hostPlace(route, node)
  const toNode: Route = { ...route, destination: host, packet: { ...route.packet, port: nodePort.port } }
  const goesOn = nodeOf(destination) !== node
  const onward: Route = { ...route, source: host }
  if (nodeOf(source) === node) {
    const egress = leaving({ ...route, untranslated: { packet: toNode.packet, ends: endsOf(toNode) } })
    return { egress, ingress: arriving(goesOn ? onward : route) }
  }
  const client: Place = { kind: 'outside', party: asSeenByHost(toNode) }
  const untranslated = { packet: toNode.packet, ends: endsOf({ ...toNode, source: client }) }
  const translated: Route = { ...route, source: client, untranslated }
  const ingress = goesOn
    ? [...passing(translated, host), ...carrierGates(onward, 'egress'), ...arriving(onward)]
    : arriving(translated)
  return { egress: leaving(toNode), ingress }
}

type HostPlace = Extract<Place, { kind: 'host' }>

function hostPlace({ model, destination }: Route, node: string): HostPlace {
  const { version } = destination.party
  return { kind: 'host', node, party: partyOf(model, model.catalog.nodes.addressOf(node, version), version) }
}

/** Into a node and out of it again, by its interfaces towards other nodes. */
function passing(route: Route, host: HostPlace): Gate[] {
  const { node, party } = host
  const at = { node, ends: endsOf(route) }
  const inside = outsideOf(route.model.catalog, node, party.version)
  return [
    ...hostGate(route, {
      ...at,
      way: inside,
      direction: 'ingress',
      stages: ['untracked', 'pre-dnat', 'forward'],
    }),
    ...hostGate(route, {
      ...at,
      way: wayOut({ ...route, source: host }, node),
      direction: 'egress',
      stages: ['forward'],
    }),
  ]
}
