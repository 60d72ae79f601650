import { createHash } from 'node:crypto'

/** Ten characters that stand for a pod template, from the letters that Kubernetes uses for generated names. */
export function templateHash(template: object): string {
  return lettersOf(canonical(template), 10)
}

/** As many characters that stand for a text, five as in generated names where they are not told. */
export function lettersOf(text: string, count = 5): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  const digest = createHash('sha1').update(text).digest()
  return [...digest.subarray(0, count)].map((byte) => letters[byte % letters.length]).join('')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
}
