/** Addresses as text of noughts and ones, so that a CIDR is a prefix: slow, short, and nobody else's code. */
export function bitsOf(address: string): string {
  if (!address.includes(':'))
    return address
      .split('.')
      .map((octet) => binary(Number(octet), 8))
      .join('')
  const [head = '', tail] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const after = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: 8 - groups(head).length - after.length }, () => '0')
  return [...groups(head), ...zeros, ...after].map((group) => binary(Number.parseInt(group, 16), 16)).join('')
}

/** Whether an address is in a CIDR, or is the very address. */
export function within(address: string, cidr: string): boolean {
  const [base = '', length] = cidr.split('/')
  if (base.includes(':') !== address.includes(':')) return false
  const bits = bitsOf(base)
  return bitsOf(address).startsWith(bits.slice(0, length === undefined ? bits.length : Number(length)))
}

export function isSix(text: string): boolean {
  return text.includes(':')
}

function binary(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}
