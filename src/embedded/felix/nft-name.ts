import { createHash } from 'node:crypto'

/** The kernel allows 255 bytes. */
const longest = 240

/**
 * A name of an nftables object: `text` with whatever nft cannot read unquoted replaced (a colon is a syntax error),
 * and, where it is too long, cut and closed by a hash of the whole.
 */
export function nftName(text: string): string {
  if (text.length <= longest && !/[^A-Za-z0-9/_.-]/.test(text)) return text
  const readable = text.replace(/[^A-Za-z0-9/_.-]/g, '-')
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `${readable.slice(0, longest - hash.length - 1)}_${hash}`
}
