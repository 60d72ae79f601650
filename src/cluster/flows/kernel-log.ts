import { formatAddress, parseAddress } from '../../cidr.ts'
import { type FlowRecord, isDialled, logGroups, readFlowPrefix } from '../../embedded/flow-record.ts'
import { protocolText } from '../../policy/index.ts'

/** Connections alike that the rules of a node have decided alike, with addresses and policies not named yet. */
export interface DecidedConnections {
  source: string
  /** Before translation: a Service's address, where one was dialled. */
  dialled: string
  destination: string
  protocol: string
  port: number
  reporter: 'source' | 'destination'
  enforced: FlowRecord[]
  pending: FlowRecord[]
  /** How many, by their source ports. */
  connections: Set<number>
  node: string
  /** When the first of them was told of; milliseconds since 1970. */
  atMs: number
}

/** How long connections that are alike are counted together. */
const togetherMs = 1000

/** The kernel hands on a hundred records of each group at most at once, and drops as many. */
const doubtfulRecords = 200

/**
 * Reads what flows.pl prints, as it comes. The rules tell of one packet after the other in a direction's order of
 * decisions; what is enforced comes last, and its verdict ends the story. A packet that is sent again, because nobody
 * answered, is of the same connection.
 */
export class KernelLogReader {
  private rest = ''
  /** How many of the next records may be the end of a story whose beginning was lost. */
  private doubtful = 0
  private readonly open = new Map<string, FlowRecord[]>()
  /** What connections of Services had as their destination, by source, protocol and source port. */
  private readonly dialled = new Map<string, string>()
  private readonly together = new Map<string, DecidedConnections>()
  private sinceMs: number

  constructor(
    private readonly node: string,
    private readonly onLost: () => void,
    private readonly now: () => number = Date.now,
  ) {
    this.sinceMs = now()
  }

  /** Those whose time together is over. */
  push(text: string): DecidedConnections[] {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop()!
    for (const line of lines) this.read(line)
    return this.now() - this.sinceMs >= togetherMs ? this.end() : []
  }

  /** All that is known. */
  end(): DecidedConnections[] {
    const known = [...this.together.values()]
    this.together.clear()
    // Of those that no policy was asked about nothing more comes.
    if (this.dialled.size > 10_000) this.dialled.clear()
    if (this.open.size > 10_000) this.open.clear()
    this.sinceMs = this.now()
    return known
  }

  private read(line: string): void {
    if (line === 'lost') {
      this.open.clear()
      this.doubtful = doubtfulRecords
      this.onLost()
    } else if (line === '') this.doubtful = 0
    else if (this.doubtful > 0) this.doubtful--
    const [, group, , ...words] = /^(\d+) (\d+) (\S+) (\S+) (\d+) (\d+) (\d+) (.+)$/.exec(line) ?? []
    const [source, destination, protocol, from, , prefix = ''] = words
    const connection = `${source} ${protocol} ${from}`
    if (isDialled(prefix)) this.dialled.set(connection, destination!)
    const record = readFlowPrefix(prefix)
    if (!record) return
    // The same packet is decided on its way out and on its way in, and by hosts at several hooks.
    const key = line.slice(0, -prefix.length)
    const records = [...(this.open.get(key) ?? []), record]
    this.open.set(key, records)
    if (record.pending || record.action === 'pass') return
    this.open.delete(key)
    if (this.doubtful > 0) return
    const isIngress = Number(group) === logGroups.ingress
    const dialled = isIngress ? undefined : this.dialled.get(connection)
    if (dialled !== undefined) this.dialled.delete(connection)
    this.add(words, { isIngress, dialled: dialled ?? destination! }, records)
  }

  private add(
    [source, destination, protocol, from, port]: string[],
    { isIngress, dialled }: { isIngress: boolean; dialled: string },
    all: FlowRecord[],
  ): void {
    const enforced = all.filter(({ pending }) => !pending)
    const pending = all.filter(({ pending }) => pending)
    const edge = {
      source: canonical(source!),
      dialled: canonical(dialled),
      destination: canonical(destination!),
      protocol: protocolText(Number(protocol)),
      port: Number(port),
      reporter: isIngress ? ('destination' as const) : ('source' as const),
      enforced,
      // Where no staged policy has a say, what is pending is what is.
      pending: pending.length > 0 ? pending : enforced,
    }
    const key = JSON.stringify(edge)
    const known = this.together.get(key)
    if (known) known.connections.add(Number(from))
    else
      this.together.set(key, {
        ...edge,
        connections: new Set([Number(from)]),
        node: this.node,
        atMs: this.now(),
      })
  }
}

function canonical(text: string): string {
  const address = parseAddress(text)
  return address ? formatAddress(address) : text
}
