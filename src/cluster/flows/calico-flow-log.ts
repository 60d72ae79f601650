import type { Flow, PolicyHit } from '../flow.ts'

/**
 * Reads what `calico-node -flows` prints (Calico 3.30 or later; node/pkg/flowlogs/flowlogs.go), as it comes: a record
 * is complete when the next one begins.
 */
export class CalicoFlowReader {
  private rest = ''

  constructor(private readonly node: string) {}

  /** The records that this text completes. */
  push(text: string): Flow[] {
    this.rest += text
    const starts = [...this.rest.matchAll(/^- Time=/gm)].map(({ index }) => index)
    const last = starts.at(-1) ?? 0
    const whole = starts.slice(0, -1).map((start, at) => this.rest.slice(start, starts[at + 1]))
    this.rest = this.rest.slice(last)
    return this.read(whole)
  }

  /** The last record, where it is whole. */
  end(): Flow[] {
    const flows = this.read(/^ {2}Pending:\n.*\n/m.test(this.rest) ? [this.rest] : [])
    this.rest = ''
    return flows
  }

  private read(records: string[]): Flow[] {
    return records.flatMap((record) => parseRecord(record, this.node) ?? [])
  }
}

const head = /^- Time=(\S+ \S+ \S+).* Reporter=(\w+) Action=(\w+)/
const edge = /^ {2}Src=\{(\w+)\((.*?)\)\} Dst=\{(\w+)\((.*?)\) Svc:(\S+)\} Proto=\{(\w+)\((\d+)\)/m
const numbers =
  /Counts=\{Ingress: (\d+)Pkts\/(\d+)Bytes Egress:(\d+)Pkts\/(\d+)Bytes\} Connections=\{Started:(\d+) Completed:(\d+) Live:(\d+)\}/
const policies = /^ {2}Enforced:\n([\s\S]*?)^ {2}Pending:\n([\s\S]*)/m

function parseRecord(record: string, node: string): Flow | null {
  const [first, second, third, fourth] = [head, edge, numbers, policies].map((part) => part.exec(record))
  if (!first || !second || !third || !fourth) return null
  const [, fromType, from, toType, to, service, protocol, port] = second as unknown as string[]
  const counts = third.slice(1).map(Number) as [number, number, number, number, number, number, number]
  return {
    from: endpoint(fromType!, from!),
    to: endpoint(toType!, to!),
    protocol: protocol!.toUpperCase(),
    port: Number(port),
    service: service === '-/-' ? null : service!,
    node,
    at: new Date(first[1]!.replace(/^(\S+) (\S+) ([+-]\d\d)(\d\d)$/, '$1T$2$3:$4')).toISOString(),
    basis: 'flow-log',
    action: first[3] === 'Deny' ? 'deny' : 'allow',
    reporter: first[2] === 'Src' ? 'source' : 'destination',
    counts: {
      packetsIn: counts[0],
      bytesIn: counts[1],
      packetsOut: counts[2],
      bytesOut: counts[3],
      connectionsStarted: counts[4],
      connectionsCompleted: counts[5],
      connectionsLive: counts[6],
    },
    enforced: parseHits(fourth[1]!),
    pending: parseHits(fourth[2]!),
  }
}

function endpoint(type: string, text: string): string {
  const name = text.replace(/^-\//, '')
  if (type === 'wep') return text
  if (type === 'hep') return `node/${name}`
  return type === 'ns' ? `networkset/${name}` : `${type}/${name}`
}

/** Protobuf's text form: `key:value` or `key:{…}`, with one blank between them or two. */
function parseHits(text: string): PolicyHit[] {
  return text
    .split(/(?:^|\s)\s*- (?=\w+:)/)
    .filter((one) => one.trim())
    .map((one) => {
      const [trigger] = /trigger:\{[^}]*\}/.exec(one) ?? []
      const own = fields(trigger ? one.replace(trigger, '') : one)
      return {
        ...place(own),
        action: own.action ?? '',
        trigger: trigger ? place(fields(trigger.slice('trigger:{'.length, -1))) : null,
      }
    })
}

function place(values: Record<string, string>): Omit<PolicyHit, 'action' | 'trigger'> {
  const { kind = '', namespace = null, name = null, tier = null } = values
  return { kind, namespace, name, tier }
}

function fields(text: string): Record<string, string> {
  const found = [...text.matchAll(/(\w+):(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)]
  return Object.fromEntries(found.map(([, key, quoted, plain]) => [key!, quoted ?? plain!]))
}
