/** The word that a misspelt one was meant to be, or undefined when none is near. */
export function mostSimilar(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: { candidate: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (!best || distance < best.distance) best = { candidate, distance }
  }
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined
}

export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const similar = mostSimilar(word, known)
  return similar && `did you mean ${similar}?`
}

/**
 * At most ten of the names `namespace/name` that somebody may have meant: those that begin like the wanted one, then
 * those of its namespace, then any.
 */
export function namesNear(wanted: string, known: Iterable<string>): string[] {
  const namespace = `${wanted.split('/')[0]}/`
  const rank = (name: string) => (name.startsWith(wanted) ? 0 : name.startsWith(namespace) ? 1 : 2)
  const ranked = [...known].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const best = rank(ranked[0] ?? '')
  return ranked.filter((name) => rank(name) === best).slice(0, 10)
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let above: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? above[j - 2]! + 1 : replaced
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1))
    }
    above = row
    row = next
  }
  return row[b.length]!
}
