import { logGroups } from '../../embedded/flow-record.ts'
import { isLabError, LabError } from '../../errors.ts'
import type { ExecOptions, ExecResult } from '../../exec.ts'
import type { KubeClient } from '../../kube/index.ts'
import type { NodeRef } from '../cluster.ts'
import type { Flow } from '../flow.ts'
import { type AddressBook, readAddressBook } from './address-book.ts'
import { type DecidedConnections, KernelLogReader } from './kernel-log.ts'
import { type PolicyBook, readPolicyBook } from './policy-book.ts'
import { merged } from './queue.ts'

/** Nodes whose rules tell the kernel's packet log what they decide. */
export interface KernelLogSource {
  kube: KubeClient
  nodes(): Promise<NodeRef[]>
  runOnNode(node: string, argv: string[], options?: ExecOptions): Promise<ExecResult>
  /** Text of the program that reads the log on a node: flows.pl. */
  program: string
}

export interface WatchOptions {
  durationMs: number
  signal?: AbortSignal
  onNote?: (text: string) => void
}

/** Every connection that a policy, a profile or the end of a tier decides meanwhile, at each of its ends. */
export async function* kernelFlows(source: KernelLogSource, options: WatchOptions): AsyncGenerator<Flow> {
  const over = new AbortController()
  const { signal = over.signal } = options
  const either = AbortSignal.any([signal, over.signal])
  const books = new Books(source.kube)
  const nodes = await source.nodes()
  const read = nodes.map(({ name }) => readNode(source, name, { ...options, signal: either }))
  try {
    for await (const decided of merged(read)) yield flowOf(decided, await books.current())
  } finally {
    over.abort()
  }
}

function readNode({ runOnNode, program }: KernelLogSource, node: string, options: WatchOptions) {
  const { durationMs, signal, onNote } = options
  const seconds = Math.ceil(durationMs / 1000)
  const groups = Object.values(logGroups).map(String)
  return async (push: (decided: DecidedConnections[]) => void) => {
    const onLost = () => onNote?.(`node ${node}: more connections than could be read, some are missing`)
    const reader = new KernelLogReader(node, onLost)
    try {
      await runOnNode(node, ['perl', '-', String(seconds), ...groups], {
        stdin: program,
        timeoutMs: seconds * 1000 + 15_000,
        onStdout: (text) => push(reader.push(text)),
        ...(signal && { signal }),
      })
    } catch (error) {
      if (!signal?.aborted) throw isTaken(error) ? taken(node, error) : error
    }
    push(reader.end())
  }
}

function isTaken(error: unknown): error is LabError {
  return isLabError(error) && String(error.cause).includes('belongs to another reader')
}

function taken(node: string, cause: LabError): LabError {
  return new LabError({
    code: 'command-failed',
    message: `the flow log of node ${node} has another reader, and the kernel gives it to one at a time`,
    cause: cause.cause,
    hint: 'wait until the other ztlab flows has ended',
  })
}

/** Names are read anew once a second while there is something to name; who has gone since keeps its name. */
class Books {
  private addresses: AddressBook | null = null
  private policies: PolicyBook | null = null
  private readAtMs = Number.NEGATIVE_INFINITY

  constructor(private readonly kube: KubeClient) {}

  async current(): Promise<{ addresses: AddressBook; policies: PolicyBook }> {
    if (!this.addresses || !this.policies || performance.now() - this.readAtMs > 1000) {
      const [next, policies] = await Promise.all([readAddressBook(this.kube), readPolicyBook(this.kube)])
      this.addresses = this.addresses ? withFormer(next, this.addresses) : next
      this.policies = policies
      this.readAtMs = performance.now()
    }
    return { addresses: this.addresses, policies: this.policies }
  }
}

function withFormer(next: AddressBook, former: AddressBook): AddressBook {
  return {
    ...next,
    nameOf: (address) => (next.nameOf(address) === address ? former.nameOf(address) : next.nameOf(address)),
  }
}

function flowOf(decided: DecidedConnections, books: { addresses: AddressBook; policies: PolicyBook }): Flow {
  const { source, destination, protocol, port, reporter, enforced, pending, node, atMs } = decided
  return {
    from: books.addresses.nameOf(source),
    to: books.addresses.nameOf(destination),
    protocol,
    port,
    service: books.addresses.serviceOf(decided.dialled),
    node,
    at: new Date(atMs).toISOString(),
    basis: 'flow-log',
    action: enforced.at(-1)!.action === 'deny' ? 'deny' : 'allow',
    reporter,
    counts: { connectionsStarted: decided.connections.size },
    enforced: enforced.map(books.policies.hitOf),
    pending: pending.map(books.policies.hitOf),
  }
}
