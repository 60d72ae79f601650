import { isIP } from 'node:net'

/** What `to` of an edge means. */
export type Destination =
  | { kind: 'pod'; namespace: string; name: string }
  | { kind: 'service'; namespace: string; name: string }
  | { kind: 'name'; name: string }
  | { kind: 'dns'; name: string }
  | { kind: 'node'; name: string }
  | { kind: 'address'; address: string }

const hostName = /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/

/** Reads `to` of an edge; null if it has none of the forms that docs/labs.md lists. */
export function parseDestination(text: string): Destination | null {
  if (isIP(text) !== 0) return { kind: 'address', address: text }
  const named = /^(name|dns):(.+)$/.exec(text)
  if (named) return hostName.test(named[2]!) ? { kind: named[1] as 'name' | 'dns', name: named[2]! } : null
  const parts = text.split('/')
  if (!parts.every((part) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(part))) return null
  if (parts.length === 3 && parts[0] === 'svc')
    return { kind: 'service', namespace: parts[1]!, name: parts[2]! }
  if (parts.length !== 2) return null
  if (parts[0] === 'node') return { kind: 'node', name: parts[1]! }
  return { kind: 'pod', namespace: parts[0]!, name: parts[1]! }
}

/** Whether `from` of an edge is a pod, the only source that can be probed from. */
export function isPodRef(text: string): boolean {
  return parseDestination(text)?.kind === 'pod'
}
