import type { ConnectionMatrix, Decision, MatrixCell, PolicyMatrix } from '../policy/index.ts'

/**
 * A predicted matrix as JSON, a line per cell: every ordered pair of pods, a pod with itself too, one port after
 * the other. The text comes in pieces, since it grows with the square of the pods.
 */
export function* policyMatrixJson(matrix: PolicyMatrix): Generator<string> {
  const ids = matrix.actors.map(({ id }) => JSON.stringify(id))
  yield '{"apiVersion":"ztlab.dev/v1","kind":"Matrix","cells":['
  let separator = '\n'
  for (const one of matrix.ports()) {
    const port = `"protocol":${JSON.stringify(one.port.protocol)},"port":${one.port.port}`
    const ends = new Map<Decision | null, Map<Decision | null, Map<string, string>>>()
    for (const [from, source] of ids.entries()) {
      const lines = ids.map((destination, to) => {
        const line = `${separator}{"from":${source},"to":${destination},${port},${endOf(one.cell(from, to), ends)}}`
        separator = ',\n'
        return line
      })
      yield lines.join('')
    }
  }
  yield '\n]}\n'
}

/** Open ports of every ordered pair of pods as JSON, a line per pair. */
export function* connectionsJson({ actors, between }: ConnectionMatrix): Generator<string> {
  const ids = actors.map(({ id }) => JSON.stringify(id))
  yield '{"apiVersion":"ztlab.dev/v1","kind":"Connections","connections":['
  let separator = '\n'
  for (const [from, source] of ids.entries()) {
    const lines = ids.map((destination, to) => {
      const line = `${separator}{"from":${source},"to":${destination},"ports":${JSON.stringify(between(from, to))}}`
      separator = ',\n'
      return line
    })
    yield lines.join('')
  }
  yield '\n]}\n'
}

/** The part that cells of equal decisions share. */
function endOf(
  { verdict, egress, ingress }: MatrixCell,
  known: Map<Decision | null, Map<Decision | null, Map<string, string>>>,
): string {
  const byIngress = known.get(egress) ?? new Map<Decision | null, Map<string, string>>()
  known.set(egress, byIngress)
  const byVerdict = byIngress.get(ingress) ?? new Map<string, string>()
  byIngress.set(ingress, byVerdict)
  const text =
    byVerdict.get(verdict) ?? `"verdict":"${verdict}","egress":${side(egress)},"ingress":${side(ingress)}`
  byVerdict.set(verdict, text)
  return text
}

/** Where no policy is asked, none denies. */
function side(decision: Decision | null): string {
  if (!decision) return '{"verdict":"allowed","decidedBy":null}'
  const { kind, namespace, name, rule } = decision.decidedBy
  return JSON.stringify({ verdict: decision.verdict, decidedBy: { kind, namespace, name, rule } })
}
