import { evaluate, type FlowVerdict } from './evaluate/index.ts'
import {
  type ConnectionMatrix,
  type ConnectionProtocol,
  type Connections,
  connectionMatrix,
  connectionProtocols,
} from './matrix/index.ts'
import type { Model } from './model/index.ts'
import { type PortSet, withoutPorts } from './port-set.ts'

/** What opens and closes between pods that are treated alike in both models. */
export interface EdgeChange {
  /** `namespace/pod`, every one of them to every other one of `to`. */
  from: string[]
  to: string[]
  opened: Connections
  closed: Connections
  /** One of the changed ports, and what decides it on either side. */
  example: {
    from: string
    to: string
    protocol: ConnectionProtocol
    port: number
    before: string
    after: string
  }
}

export interface PolicyDiff {
  changes: EdgeChange[]
  /** Pods of one model only; their edges are not compared. */
  added: string[]
  removed: string[]
  /** How many ordered pairs of different pods have something opened or closed. */
  openedEdges: number
  closedEdges: number
}

/** Compares what two models let pass between the pods that both have; `only` leaves all other ports aside. */
export function diffModels(before: Model, after: Model, only?: Connections): PolicyDiff {
  const old = placesOf(connectionMatrix(before))
  const now = placesOf(connectionMatrix(after))
  const shared = [...old.places.keys()].filter((id) => now.places.has(id))
  const groups = groupsOf(shared, (id) => `${old.classOf(id)} ${now.classOf(id)}`)
  const changes: EdgeChange[] = []
  const [openedEdges, closedEdges] = [0, 0]
  const diff = { changes, added: missing(now, old), removed: missing(old, now), openedEdges, closedEdges }
  for (const from of groups)
    for (const to of groups) {
      const [source] = from as [string]
      const destination = to.find((id) => id !== source)
      if (destination === undefined) continue
      const ends = { from: source, to: destination }
      const was = limited(old.between(ends), only)
      const is = limited(now.between(ends), only)
      const [opened, closed] = [without(is, was), without(was, is)]
      if (isNone(opened) && isNone(closed)) continue
      const pairs = from.length * to.length - (from === to ? from.length : 0)
      if (!isNone(opened)) diff.openedEdges += pairs
      if (!isNone(closed)) diff.closedEdges += pairs
      changes.push({
        from,
        to,
        opened,
        closed,
        example: exampleOf({ before, after }, ends, [opened, closed]),
      })
    }
  return diff
}

interface Places {
  places: Map<string, number>
  classOf(id: string): number
  between(ends: { from: string; to: string }): Connections
}

function placesOf({ actors, classOf, ofClasses }: ConnectionMatrix): Places {
  const places = new Map(actors.map(({ id }, place) => [id, place]))
  const ownClass = (id: string) => classOf[places.get(id)!]!
  return { places, classOf: ownClass, between: ({ from, to }) => ofClasses(ownClass(from), ownClass(to)) }
}

function missing(here: Places, there: Places): string[] {
  return [...here.places.keys()].filter((id) => !there.places.has(id))
}

function groupsOf(ids: string[], keyOf: (id: string) => string): string[][] {
  const groups = new Map<string, string[]>()
  for (const id of ids) {
    const group = groups.get(keyOf(id))
    if (group) group.push(id)
    else groups.set(keyOf(id), [id])
  }
  return [...groups.values()]
}

function each(make: (protocol: ConnectionProtocol) => PortSet): Connections {
  return { TCP: make('TCP'), UDP: make('UDP'), SCTP: make('SCTP') }
}

function without(from: Connections, taken: Connections): Connections {
  return each((protocol) => withoutPorts(from[protocol], taken[protocol]))
}

function limited(connections: Connections, only: Connections | undefined): Connections {
  return only ? without(connections, without(connections, only)) : connections
}

function isNone(connections: Connections): boolean {
  return connectionProtocols.every((protocol) => connections[protocol].length === 0)
}

function exampleOf(
  { before, after }: { before: Model; after: Model },
  { from, to }: { from: string; to: string },
  changed: Connections[],
): EdgeChange['example'] {
  const [first] = changed.flatMap((connections) =>
    connectionProtocols.flatMap((protocol) =>
      connections[protocol].map(({ first }) => ({ protocol, port: first })),
    ),
  )
  const { protocol, port } = first!
  const ask = (model: Model) => said(evaluate(model, { source: from, destination: to, protocol, port }))
  return { from, to, protocol, port, before: ask(before), after: ask(after) }
}

function said({ verdict, reason }: FlowVerdict): string {
  return `${verdict}: ${reason}`
}
