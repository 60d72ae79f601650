import type { NftTable } from '../../kernel/index.ts'
import type { CounterMeaning } from './counter-name.ts'

/** The nftables objects of one node's table `inet calico`, as data. Keys are the objects' names in nftables. */
export interface Rendering extends NftTable {
  counters: Map<string, CounterMeaning>
}

/** Family and name of the one table that felix owns. */
export const tableName = 'inet calico'

/**
 * Bits of the packet mark, Calico's own where it has them. The `pending` bits follow what would happen if staged
 * policies were enforced; no rule that decides reads them.
 */
export const marks = {
  accept: 0x0001_0000,
  pass: 0x0002_0000,
  pendingAllow: 0x0008_0000,
  pendingPass: 0x0010_0000,
  pendingDeny: 0x0020_0000,
} as const

export const allMarks = Object.values(marks).reduce<number>((all, bit) => all | bit, 0)

export const setMark = (bits: number) => `meta mark set meta mark | ${hex(bits)}`
export const clearMark = (bits: number) => `meta mark set meta mark & ${hex(~bits >>> 0)}`
export const hasMark = (bits: number) => `meta mark & ${hex(bits)} == ${hex(bits)}`
export const lacksMark = (bits: number) => `meta mark & ${hex(bits)} == 0`

/** nftables 1.0.6 refuses comments over 128 bytes, and its strings know no escapes. */
export function comment(text: string): string {
  return `comment "${commentText(text)}"`
}

export function commentText(text: string): string {
  const clean = text.replaceAll('"', "'").replace(/[^ -~]/g, '?')
  return clean.length <= 100 ? clean : `${clean.slice(0, 97)}...`
}

function hex(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`
}
