import { createHash } from 'node:crypto'

/** Ten characters that stand for a pod template, from the letters that Kubernetes uses for generated names. */
export function templateHash(template: object): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  const digest = createHash('sha1').update(canonical(template)).digest()
  return [...digest.subarray(0, 10)].map((byte) => letters[byte % letters.length]).join('')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
}
