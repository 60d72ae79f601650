import type { Actor } from '../policy/index.ts'

/**
 * Where the class of a pod does not tell: pods on their node's network, and the pods of that node. `differs` says what
 * holds between two places instead, or null.
 */
export function nearText(
  actors: Actor[],
  format: 'text' | 'markdown',
  differs: (from: number, to: number) => string | null,
): string[] {
  const found = new Map<string, { edge: string; pairs: number }>()
  for (const [from, to] of pairsOnOneNode(actors)) {
    const text = differs(from, to)
    const known = text === null ? undefined : found.get(text)
    if (known) known.pairs++
    else if (text !== null) found.set(text, { edge: `${actors[from]!.id} → ${actors[to]!.id}`, pairs: 1 })
  }
  if (found.size === 0) return []
  const lines = [...found].map(([text, { edge, pairs }]) => {
    const more = pairs > 1 ? ` and ${pairs - 1} more` : ''
    return `${format === 'markdown' ? '- ' : '  '}${edge}${more}: ${text}`
  })
  const title = 'on one node, where no policy comes between a node and its pods:'
  return [[title, ...(format === 'markdown' ? [''] : []), ...lines].join('\n')]
}

/** Ordered pairs of a pod on its node's network and a pod of that node. */
function* pairsOnOneNode(actors: Actor[]): Generator<[from: number, to: number]> {
  const onNode = new Map<string, number[]>()
  for (const [place, { endpoint, node }] of actors.entries())
    if (endpoint && node !== '') {
      const places = onNode.get(node)
      if (places) places.push(place)
      else onNode.set(node, [place])
    }
  for (const [host, { endpoint, node }] of actors.entries())
    if (!endpoint)
      for (const place of onNode.get(node) ?? []) {
        yield [host, place]
        yield [place, host]
      }
}
