import { type ProtobufField, protobufFields, protobufVarint } from '../../../protobuf.ts'
import type { Flow, PolicyHit } from '../../flow.ts'

/** A flow of one window of time, which begins and ends at these seconds since 1970. */
export interface WindowedFlow {
  flow: Flow
  startS: number
  endS: number
}

/**
 * What asks for flows from a time on: seconds since 1970, or back from now where it is negative. Fields and their
 * numbers: FlowStreamRequest and FlowListRequest of Calico's goldmane/proto/api.proto, which begin alike.
 */
export function flowRequest(startS: number): Buffer {
  return protobufVarint(1, startS)
}

/** A FlowResult of the stream; null where it holds no flow. */
export function flowOfResult(bytes: Buffer): WindowedFlow | null {
  const flow = read(bytes).message(2)
  return flow ? windowed(flow) : null
}

/** The flows of a FlowListResult. */
export function flowsOfList(bytes: Buffer): WindowedFlow[] {
  return read(bytes)
    .all(2)
    .flatMap((result) => flowOfResult(result) ?? [])
}

function windowed(bytes: Buffer): WindowedFlow {
  const flow = read(bytes)
  const key = read(flow.message(1) ?? Buffer.alloc(0))
  const policies = read(key.message(15) ?? Buffer.alloc(0))
  const [startS, endS] = [flow.number(2), flow.number(3)]
  return {
    startS,
    endS,
    flow: {
      from: endpoint({ name: key.text(1), namespace: key.text(2), type: key.number(3) }),
      to: endpoint({ name: key.text(4), namespace: key.text(5), type: key.number(6) }),
      protocol: key.text(12).toUpperCase(),
      port: key.number(7),
      service: isNone(key.text(8)) ? null : `${key.text(9)}/${key.text(8)}`,
      node: null,
      at: new Date(startS * 1000).toISOString(),
      basis: 'flow-log',
      action: key.number(14) === actions.indexOf('Deny') ? 'deny' : 'allow',
      reporter: key.number(13) === 1 ? 'source' : 'destination',
      counts: {
        packetsIn: flow.number(6),
        bytesIn: flow.number(8),
        packetsOut: flow.number(7),
        bytesOut: flow.number(9),
        connectionsStarted: flow.number(10),
        connectionsCompleted: flow.number(11),
        connectionsLive: flow.number(12),
      },
      enforced: policies.all(1).map(hit),
      pending: policies.all(2).map(hit),
    },
  }
}

const actions = ['', 'Allow', 'Deny', 'Pass']

const policyKinds = [
  '',
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'Profile',
  'EndOfTier',
  'ClusterNetworkPolicy',
]

const endpointTypes = { workload: 1, host: 2, networkSet: 3 }

function endpoint({ name, namespace, type }: { name: string; namespace: string; type: number }): string {
  const place = isNone(namespace) ? name : `${namespace}/${name}`
  if (type === endpointTypes.workload) return place
  if (type === endpointTypes.host) return `node/${name}`
  return type === endpointTypes.networkSet ? `networkset/${place}` : `net/${name}`
}

/** Felix writes a dash for what has none. */
function isNone(text: string): boolean {
  return text === '' || text === '-'
}

function hit(bytes: Buffer): PolicyHit {
  const fields = read(bytes)
  const trigger = fields.message(8)
  return {
    ...place(fields),
    action: actions[fields.number(5)] ?? '',
    trigger: trigger ? place(read(trigger)) : null,
  }
}

function place(fields: Fields): Omit<PolicyHit, 'action' | 'trigger'> {
  const kind = fields.number(1)
  return {
    kind: policyKinds[kind] ?? `kind ${kind}`,
    namespace: fields.text(2) || null,
    name: fields.text(3) || null,
    tier: fields.text(4) || null,
  }
}

type Fields = ReturnType<typeof read>

/** A message by the numbers of its fields; what is left out is zero, empty or not there. */
function read(bytes: Buffer) {
  const byNumber = new Map<number, ProtobufField['value'][]>()
  for (const { number, value } of protobufFields(bytes)) {
    byNumber.set(number, [...(byNumber.get(number) ?? []), value])
  }
  const all = (number: number) => (byNumber.get(number) ?? []).filter((value) => Buffer.isBuffer(value))
  const last = (number: number) => byNumber.get(number)?.at(-1)
  return {
    all,
    message: (number: number) => all(number).at(-1) ?? null,
    text: (number: number) => all(number).at(-1)?.toString('utf8') ?? '',
    number: (number: number) => Number(last(number) ?? 0),
  }
}
