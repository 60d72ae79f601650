import type { Model } from '../model/index.ts'
import type { Actor } from './actor.ts'
import { type MatrixCell, nearness, type PolicyMatrix, type PortMatrix } from './matrix.ts'

export type CellCount = Record<MatrixCell['verdict'], number>

/** How many cells of a port have which verdict; pairs of pods are looked at only where a node is involved. */
export function countCells(
  model: Model,
  { actors, classes, classOf }: PolicyMatrix,
  port: PortMatrix,
): CellCount {
  const count: CellCount = { allowed: 0, denied: 0, unreachable: 0 }
  for (const from of classes)
    for (const to of classes) {
      const own = from === to ? from.members.length : 0
      count[port.ofClasses(from.index, to.index).verdict] += from.members.length * to.members.length - own
    }
  count.allowed += actors.length
  for (const [from, to] of pairsOnNodes(actors)) {
    if (nearness(model, { from: actors[from]!, to: actors[to]! }) === null) continue
    count[port.ofClasses(classOf[from]!, classOf[to]!).verdict]--
    count[port.cell(from, to).verdict]++
  }
  return count
}

/** Ordered pairs of different pods, at least one of them on its node's network. */
function* pairsOnNodes(actors: Actor[]): Generator<[from: number, to: number]> {
  for (const [host, { endpoint }] of actors.entries()) {
    if (endpoint) continue
    for (const [other, actor] of actors.entries()) {
      if (other === host) continue
      yield [host, other]
      // The way back between two of them is yielded in the other's turn.
      if (actor.endpoint) yield [other, host]
    }
  }
}
