import type { Model } from '../model/index.ts'
import type { Actor } from './actor.ts'
import { type MatrixCell, nearness, type PolicyMatrix, type PortMatrix, verdicts } from './matrix.ts'

export type CellCount = Record<MatrixCell['verdict'], number>

/** How many cells of a port have which verdict; pairs of pods are looked at only where a node is involved. */
export function countCells(
  model: Model,
  { actors, classes, classOf }: PolicyMatrix,
  port: PortMatrix,
): CellCount {
  const count: CellCount = { allowed: 0, denied: 0, unreachable: 0 }
  const sizes = Int32Array.from(classes, ({ members }) => members.length)
  for (const [from, size] of sizes.entries()) {
    const codes = port.verdictsFrom(from)
    const sums = sumByCode(codes, sizes)
    for (const [code, verdict] of verdicts.entries()) count[verdict] += size * sums[code]!
    // A pod and itself is no pair of different pods.
    count[verdicts[codes[from]!]!] -= size
  }
  for (const place of actors.keys()) count[port.cell(place, place).verdict]++
  for (const [from, to] of pairsOnNodes(actors)) {
    if (nearness(model, { from: actors[from]!, to: actors[to]! }) === null) continue
    count[port.ofClasses(classOf[from]!, classOf[to]!).verdict]--
    count[port.cell(from, to).verdict]++
  }
  return count
}

function sumByCode(codes: Uint8Array, sizes: Int32Array): Int32Array {
  const sums = new Int32Array(verdicts.length)
  for (let index = 0; index < codes.length; index++) sums[codes[index]!]! += sizes[index]!
  return sums
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
