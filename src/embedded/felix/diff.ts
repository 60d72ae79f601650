import { nftDiff } from '../../kernel/index.ts'
import { type Rendering, tableName } from './rendering.ts'

/** The script that turns what one node's kernel holds into `next`: see `nftDiff`. */
export function diff(previous: Rendering | null, next: Rendering): string {
  return nftDiff(tableName, previous, next)
}
