import { type ChangedEdges, Comparison, groupsOf, isNone, Places } from './changed-edges.ts'
import { evaluate, type FlowVerdict } from './evaluate/index.ts'
import {
  type ConnectionProtocol,
  type Connections,
  connectionMatrix,
  connectionProtocols,
} from './matrix/index.ts'
import type { Model } from './model/index.ts'

/** What opens and closes between pods that are treated alike in both models. */
export interface EdgeChange extends ChangedEdges {
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
  const old = new Places(connectionMatrix(before))
  const now = new Places(connectionMatrix(after))
  const shared = [...old.ids].filter((id) => now.has(id))
  const groups = groupsOf(shared, (id) => `${old.classOf(id)} ${now.classOf(id)}`)
  const comparison = new Comparison(old, now, only)
  const changes: EdgeChange[] = []
  const [openedEdges, closedEdges] = [0, 0]
  const diff = { changes, added: now.without(old), removed: old.without(now), openedEdges, closedEdges }
  for (const from of groups)
    for (const to of groups)
      for (const edges of comparison.changesBetween(from, to)) {
        const { opened, closed } = edges
        const pairs = pairsOf(edges)
        if (pairs === 0) continue
        if (!isNone(opened)) diff.openedEdges += pairs
        if (!isNone(closed)) diff.closedEdges += pairs
        changes.push({ ...edges, example: exampleOf({ before, after }, edges) })
      }
  return diff
}

function pairsOf({ from, to }: ChangedEdges): number {
  const destinations = new Set(to)
  return from.length * to.length - from.filter((id) => destinations.has(id)).length
}

function exampleOf(
  { before, after }: { before: Model; after: Model },
  { from: sources, to: destinations, opened, closed }: ChangedEdges,
): EdgeChange['example'] {
  const from = sources.find((id) => destinations.some((other) => other !== id))!
  const to = destinations.find((id) => id !== from)!
  const [first] = [opened, closed].flatMap((connections) =>
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
