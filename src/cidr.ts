/** IPv4 and IPv6 addresses and CIDR blocks as numbers: parsing, canonical text, containment. */

export type IpVersion = 4 | 6

export interface Address {
  version: IpVersion
  value: bigint
}

/** A block of addresses; host bits are cleared. */
export interface Cidr {
  version: IpVersion
  first: bigint
  last: bigint
  prefix: number
}

const widths = { 4: 32, 6: 128 } as const

/** The address a text stands for, or null. Octets with leading zeros are refused, as Go does. */
export function parseAddress(text: string): Address | null {
  const version = text.includes(':') ? 6 : 4
  const value = version === 4 ? parseIpv4(text) : parseIpv6(text)
  return value === null ? null : { version, value }
}

/** The block `ADDRESS/PREFIX` lies in, or null. Host bits may be set: see `isMasked`. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/')
  if (slash === -1) return null
  const address = parseAddress(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (!address || !/^(0|[1-9]\d{0,2})$/.test(length)) return null
  const prefix = Number(length)
  return prefix > widths[address.version] ? null : blockOf(address, prefix)
}

/** A block, or an address as the block that holds it alone; null when the text is neither. */
export function parseCidrOrAddress(text: string): Cidr | null {
  if (text.includes('/')) return parseCidr(text)
  const address = parseAddress(text)
  return address && blockOf(address, widths[address.version])
}

/** Whether a CIDR text has no host bits set (`10.0.0.0/8` has none, `10.0.0.1/8` has). */
export function isMasked(text: string): boolean {
  const cidr = parseCidr(text)
  return cidr !== null && parseAddress(text.slice(0, text.indexOf('/')))!.value === cidr.first
}

export function cidrContains(cidr: Cidr, address: Address): boolean {
  return cidr.version === address.version && cidr.first <= address.value && address.value <= cidr.last
}

/** Whether every address of `inner` is in `outer`. */
export function cidrCovers(outer: Cidr, inner: Cidr): boolean {
  return outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last
}

/** The n-th address of a block, counted from 0; null when the block has fewer. */
export function addressAt(cidr: Cidr, index: number): Address | null {
  const value = cidr.first + BigInt(index)
  return value <= cidr.last ? { version: cidr.version, value } : null
}

/** Canonical text: IPv6 as RFC 5952 says. */
export function formatAddress(address: Address): string {
  return address.version === 4 ? formatIpv4(address.value) : formatIpv6(address.value)
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress({ version: cidr.version, value: cidr.first })}/${cidr.prefix}`
}

/** IPv4 before IPv6, then by first address, then the larger block first. */
export function compareCidrs(a: Cidr, b: Cidr): number {
  if (a.version !== b.version) return a.version - b.version
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.prefix - b.prefix
}

function blockOf(address: Address, prefix: number): Cidr {
  const hostBits = BigInt(widths[address.version] - prefix)
  const first = (address.value >> hostBits) << hostBits
  return { version: address.version, first, last: first + (1n << hostBits) - 1n, prefix }
}

function parseIpv4(text: string): bigint | null {
  const octets = text.split('.')
  if (octets.length !== 4) return null
  let value = 0
  for (const octet of octets) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return null
    value = value * 256 + Number(octet)
  }
  return BigInt(value)
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  // An IPv4 address may stand at the very end only.
  if (halves.length === 2 && halves[0]!.includes('.')) return null
  const head = ipv6Groups(halves[0]!)
  const tail = halves.length === 2 ? ipv6Groups(halves[1]!) : []
  if (!head || !tail) return null
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)
}

function ipv6Groups(text: string): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null
    if (embedded !== null) groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn))
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
}

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  )
  const { start, length } = longestZeroRun(groups)
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  if (length < 2) return hex(groups)
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}
