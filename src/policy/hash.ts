/**
 * A short, stable name for a text: 64-bit FNV-1a in base 36 (13 characters at most). Good for telling texts apart,
 * not for secrets.
 */
export function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(36)
}
