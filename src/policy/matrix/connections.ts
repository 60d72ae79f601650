import type { Model } from '../model/index.ts'
import { everyPort, noPort, type PortSet, portSet } from '../port-set.ts'
import { protocolNumbers } from '../protocol.ts'
import type { PortRange } from '../rules.ts'
import type { Actor } from './actor.ts'
import type { ActorClass } from './classes.ts'
import { nearness, type PortMatrix, policyMatrix, verdicts } from './matrix.ts'

/** Protocols whose ports policies speak of. */
export const connectionProtocols = ['TCP', 'UDP', 'SCTP'] as const
export type ConnectionProtocol = (typeof connectionProtocols)[number]

/** The ports that are open, exactly. */
export type Connections = Record<ConnectionProtocol, PortSet>

/** Every pod to every pod, on every port. */
export interface ConnectionMatrix {
  actors: Actor[]
  classes: ActorClass[]
  classOf: Int32Array
  /** Places are indexes of `actors`. */
  between(from: number, to: number): Connections
  /** Of any two different pods of the classes that are not on one node. */
  ofClasses(from: number, to: number): Connections
}

/**
 * Ports between which no rule draws a line are alike: one of each such range is asked. What is open between two
 * classes is then a path through a tree, a step per range, and paths that are equal are one node.
 */
export function connectionMatrix(model: Model): ConnectionMatrix {
  const ranges = alikeRanges(model)
  const matrix = policyMatrix(
    model,
    ranges.map(({ protocol, first }) => ({ protocol, port: first })),
  )
  const size = matrix.classes.length
  const paths = new Int32Array(size * size)
  const tree = new PathTree()
  for (const port of matrix.ports()) tree.step(paths, port)
  const known = new Map<number, Connections>()
  const ofPath = (path: number) => {
    const connections = known.get(path) ?? tree.connections(path, ranges)
    known.set(path, connections)
    return connections
  }
  const { actors, classes, classOf } = matrix
  return {
    actors,
    classes,
    classOf,
    ofClasses: (from, to) => ofPath(paths[from * size + to]!),
    between(from, to) {
      const fixed = nearness(model, { from: actors[from]!, to: actors[to]! })
      if (fixed === 'open') return everything
      if (fixed === 'closed') return nothing
      return ofPath(paths[classOf[from]! * size + classOf[to]!]!)
    },
  }
}

const everything: Connections = { TCP: everyPort, UDP: everyPort, SCTP: everyPort }
const nothing: Connections = { TCP: noPort, UDP: noPort, SCTP: noPort }

interface AlikeRange extends PortRange {
  protocol: ConnectionProtocol
}

function alikeRanges(model: Model): AlikeRange[] {
  return connectionProtocols.flatMap((protocol) => {
    const cuts = [...new Set([1, ...cutsOf(model, protocolNumbers[protocol])])]
      .filter((cut) => cut <= 65535)
      .sort((a, b) => a - b)
    return cuts.map((first, index) => ({ protocol, first, last: (cuts[index + 1] ?? 65536) - 1 }))
  })
}

/** Where something begins or has just ended. */
function cutsOf({ tiers, hosts, catalog, options }: Model, protocol: number): number[] {
  const cuts: number[] = []
  const cut = (first: number, last = first) => cuts.push(first, last + 1)
  if (protocol === protocolNumbers.UDP) cut(options.vxlanPort)
  let named = false
  if (catalog.hostInterfaces.length > 0) for (const port of hosts.failsafe.numbers(protocol)) cut(port)
  const early = [...hosts.tiers.untracked, ...hosts.tiers['pre-dnat']]
  for (const { rules } of [...tiers, ...early].flatMap(({ policies }) => policies))
    for (const { destination } of [...(rules.ingress ?? []), ...(rules.egress ?? [])]) {
      named ||= destination.portGroups.length + destination.notPortGroups.length > 0
      for (const { first, last } of [...destination.ports, ...destination.notPorts]) cut(first, last)
    }
  if (!named) return cuts
  const known = [...catalog.endpoints.flatMap(({ ports }) => ports), ...catalog.allServiceMembers()]
  for (const entry of known) if (entry.protocol === protocol) cut(entry.port)
  return cuts
}

const open = verdicts.indexOf('allowed')

/** Nodes are numbers; node 0 is the root. */
class PathTree {
  private readonly parents = [0]
  private readonly opens = [false]

  /** Moves every pair of classes one step on. */
  step(paths: Int32Array, port: PortMatrix): void {
    const next = new Map<number, number>()
    const size = Math.sqrt(paths.length)
    for (let from = 0; from < size; from++) {
      const codes = port.verdictsFrom(from)
      for (let to = 0; to < size; to++) {
        const pair = from * size + to
        paths[pair] = this.child(paths[pair]!, codes[to] === open, next)
      }
    }
  }

  private child(parent: number, isOpen: boolean, next: Map<number, number>): number {
    const key = parent * 2 + Number(isOpen)
    const known = next.get(key)
    if (known !== undefined) return known
    const node = this.parents.push(parent) - 1
    this.opens.push(isOpen)
    next.set(key, node)
    return node
  }

  connections(path: number, ranges: AlikeRange[]): Connections {
    const open: AlikeRange[] = []
    let node = path
    for (const range of ranges.toReversed()) {
      if (this.opens[node]) open.push({ ...range })
      node = this.parents[node]!
    }
    const of = (protocol: ConnectionProtocol) =>
      portSet(open.filter((range) => range.protocol === protocol).map(({ first, last }) => ({ first, last })))
    return { TCP: of('TCP'), UDP: of('UDP'), SCTP: of('SCTP') }
  }
}
