/** A socket that is connected: by this pod, or to it. */
export interface Connection {
  protocol: 'TCP' | 'UDP'
  remote: string
  /** The port that was dialled, whichever side it is on. */
  port: number
  incoming: boolean
}

/**
 * Reads /proc/net/tcp, tcp6, udp and udp6, each behind a line `== NAME`. A connection at a port that listens came in.
 * Addresses are words of the machine's byte order, in hex (proc_net_tcp of the kernel's documentation). Pure.
 */
export function parseSockets(text: string): Connection[] {
  const sockets = text.split(/^== /m).flatMap((part) => parseTable(part))
  const listening = new Set(
    sockets.filter(({ state }) => state === states.listen).map(({ localPort }) => localPort),
  )
  return sockets
    .filter(
      ({ state, remotePort, remote }) => state !== states.listen && remotePort !== 0 && !isLoopback(remote),
    )
    .map(({ protocol, remote, remotePort, localPort }) => {
      const incoming = protocol === 'TCP' && listening.has(localPort)
      return { protocol, remote, port: incoming ? localPort : remotePort, incoming }
    })
}

const states = { listen: '0A' }

interface Socket {
  protocol: 'TCP' | 'UDP'
  localPort: number
  remote: string
  remotePort: number
  state: string
}

function parseTable(part: string): Socket[] {
  const [name = '', ...lines] = part.split('\n')
  const protocol = name.startsWith('udp') ? 'UDP' : 'TCP'
  return lines.flatMap((line) => {
    const [, local, remote, state] =
      /^\s*\d+:\s+([0-9A-F]+:[0-9A-F]{4})\s+([0-9A-F]+:[0-9A-F]{4})\s+([0-9A-F]{2})\s/.exec(line) ?? []
    if (!local || !remote || !state) return []
    return [
      {
        protocol,
        localPort: portOf(local),
        remote: addressOf(remote),
        remotePort: portOf(remote),
        state,
      } as const,
    ]
  })
}

function portOf(text: string): number {
  return Number.parseInt(text.split(':')[1]!, 16)
}

function addressOf(text: string): string {
  const bytes = text
    .split(':')[0]!
    .match(/../g)!
    .map((pair) => Number.parseInt(pair, 16))
  const words = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.slice(at * 4, at * 4 + 4).reverse())
  // An IPv4 address that an IPv6 socket speaks to is the last word of ::ffff:a.b.c.d.
  const mapped =
    words.length === 4 &&
    words
      .slice(0, 2)
      .flat()
      .every((byte) => byte === 0) &&
    words[2]!.join() === '0,0,255,255'
  if (words.length === 1 || mapped) return words.at(-1)!.join('.')
  const all = words.flat()
  return Array.from({ length: 8 }, (_, at) => (all[at * 2]! * 256 + all[at * 2 + 1]!).toString(16)).join(':')
}

/** Whether it is an address of a machine to itself, in any of the forms that the kernel prints. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || /^(0*:)+0*1$/.test(address)
}
