import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLabError } from '../../errors.ts'
import type { ExecOptions, ExecResult } from '../../exec.ts'
import type { KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { NodeRef } from '../cluster.ts'
import type { Flow, FlowOptions } from '../flow.ts'
import { type AddressBook, readAddressBook } from './address-book.ts'
import { CalicoFlowReader } from './calico-flow-log.ts'
import { parseConntrack } from './conntrack.ts'
import { findGoldmane, goldmaneFlows } from './goldmane/index.ts'
import { kernelFlows } from './kernel-flows.ts'
import { merged } from './queue.ts'
import { isLoopback, parseSockets } from './sockets.ts'

/** What flows are read with. */
export interface FlowSource {
  kube: KubeClient
  nodes(): Promise<NodeRef[]>
  runOnNode(node: string, argv: string[], options?: ExecOptions): Promise<ExecResult>
  /** Text of the program that reads the kernel's log on a node, where its rules write there what they decide. */
  kernelLogProgram?: string
}

const defaultDurationMs = 15_000

/**
 * The flows of a cluster for as long as asked: from the log of the nodes' kernels where their rules are ours; from
 * Calico's own log where felix reports it to its node; else from
 * Goldmane where its operator installed it; otherwise samples of the nodes' connection tracking; where nodes cannot be
 * entered, of the sockets of pods.
 */
export async function* observeFlows(source: FlowSource, options: FlowOptions = {}): AsyncGenerator<Flow> {
  const { kube } = source
  const timed = { durationMs: defaultDurationMs, ...options }
  const { kernelLogProgram: program } = source
  if (program !== undefined) return yield* kernelFlows({ ...source, program }, timed)
  const reporters = await flowReporters(kube)
  if (reporters.length > 0) return yield* calicoFlows(source, reporters, timed)
  const goldmane = await findGoldmane(kube)
  if (goldmane) {
    try {
      return yield* goldmaneFlows(kube, goldmane, timed)
    } catch (error) {
      // Whoever may not read it may still take samples.
      if (!isLabError(error) || !['missing-permission', 'not-found'].includes(error.code)) throw error
      options.onNote?.(`Goldmane cannot be read: ${[error.message, ...error.problems].join(': ')}`)
    }
  }
  yield* samples(source, timed)
}

type TimedOptions = FlowOptions & { durationMs: number }

/** calico-node pods whose felix reports flows to whoever asks on the node. */
async function flowReporters(kube: KubeClient): Promise<KubernetesObject[]> {
  const pods = await kube.list('v1', 'Pod', { labelSelector: 'k8s-app=calico-node' })
  const running = pods.filter(({ status }) => status?.phase === 'Running')
  if (running.length === 0) return []
  const configuration = await kube
    .get('projectcalico.org/v3', 'FelixConfiguration', 'default')
    .catch(() => null)
  if (configuration?.spec?.flowLogsLocalReporter === 'Enabled') return running
  return running.filter(({ spec }) =>
    (spec.containers as Container[]).some(({ env = [] }) =>
      env.some(({ name, value }) => name === 'FELIX_FLOWLOGSLOCALREPORTER' && value === 'Enabled'),
    ),
  )
}

interface Container {
  env?: { name: string; value?: string }[]
}

async function* calicoFlows(
  { kube }: FlowSource,
  pods: KubernetesObject[],
  { durationMs, signal }: TimedOptions,
): AsyncGenerator<Flow> {
  const seconds = Math.ceil(durationMs / 1000)
  const pidFile = `/tmp/ztlab-flows-${randomBytes(4).toString('hex')}`
  const over = new AbortController()
  const running = new Set(pods)
  const inNode = (pod: KubernetesObject, script: string) => ({
    namespace: pod.metadata.namespace!,
    pod: pod.metadata.name,
    container: 'calico-node',
    command: ['sh', '-c', script],
  })
  const read = (pod: KubernetesObject) => async (push: (flows: Flow[]) => void) => {
    const reader = new CalicoFlowReader(pod.spec.nodeName)
    await kube.exec({
      ...inNode(
        pod,
        `timeout ${seconds} calico-node -flows -1 & echo $! >${pidFile}; wait; rm -f ${pidFile}`,
      ),
      timeoutMs: seconds * 1000 + 15_000,
      onStdout: (text) => push(reader.push(text)),
      signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
    })
    running.delete(pod)
    push(reader.end())
  }
  try {
    yield* merged(pods.map(read))
  } finally {
    over.abort()
    // An exec that is cut leaves its process behind, and felix reports to one reader at a time.
    const end = `kill "$(cat ${pidFile})"`
    const ended = [...running].map((pod) => kube.exec({ ...inNode(pod, end), timeoutMs: 10_000 }))
    await Promise.allSettled(ended)
  }
}

/** Often enough to see what lasts, seldom enough to be no burden. */
const sampleEveryMs = 1000

type Sampler = (book: AddressBook) => Promise<Flow[]>

async function* samples(source: FlowSource, { durationMs, signal }: TimedOptions): AsyncGenerator<Flow> {
  const deadline = performance.now() + durationMs
  const seen = new Set<string>()
  const sample = await chooseSampler(source)
  do {
    const began = performance.now()
    for (const flow of await sample(await readAddressBook(source.kube))) {
      const key = `${flow.from}|${flow.to}|${flow.protocol}|${flow.port}`
      if (!seen.has(key)) yield flow
      seen.add(key)
    }
    const restMs = Math.min(sampleEveryMs - (performance.now() - began), deadline - performance.now())
    if (restMs > 0) await sleep(restMs, undefined, signal ? { signal } : {}).catch(() => undefined)
  } while (performance.now() < deadline && !signal?.aborted)
}

/** Connection tracking knows all of a node; where no node can be entered, its pods' own tables are what is left. */
async function chooseSampler(source: FlowSource): Promise<Sampler> {
  const nodes = await source.nodes()
  try {
    await trackedOn(source, nodes[0]!.name)
    return async (book) => {
      const lists = await Promise.all(nodes.map(({ name }) => conntrackSample(source, name, book)))
      return lists.flat()
    }
  } catch (error) {
    if (!isLabError(error) || !['unsupported', 'command-failed'].includes(error.code)) throw error
    return (book) => socketSample(source.kube, book)
  }
}

async function trackedOn({ runOnNode }: FlowSource, node: string): Promise<string> {
  const command = 'cat /proc/net/nf_conntrack 2>/dev/null || conntrack -L'
  return (await runOnNode(node, ['sh', '-c', command])).stdout
}

async function conntrackSample(source: FlowSource, node: string, book: AddressBook): Promise<Flow[]> {
  // What a node says to itself over its loopback leaves no interface that policies watch.
  const connections = parseConntrack(await trackedOn(source, node)).filter(
    ({ source }) => !isLoopback(source),
  )
  return connections.map(({ protocol, port, ...connection }) => ({
    ...sampled('conntrack-sample', node),
    from: book.nameOf(connection.source),
    to: book.nameOf(connection.destination),
    protocol,
    port,
    service: book.serviceOf(connection.dialled),
  }))
}

const socketTables = 'for t in tcp tcp6 udp udp6; do echo "== $t"; cat /proc/net/$t 2>/dev/null; done'

async function socketSample(kube: KubeClient, book: AddressBook): Promise<Flow[]> {
  const pods = (await kube.list('v1', 'Pod')).filter(
    ({ spec, status }) => status?.phase === 'Running' && !spec.hostNetwork,
  )
  const lists = await Promise.all(pods.map((pod) => socketsOf(kube, pod, book)))
  return lists.flat()
}

async function socketsOf(kube: KubeClient, pod: KubernetesObject, book: AddressBook): Promise<Flow[]> {
  const { namespace = 'default', name } = pod.metadata
  const own = `${namespace}/${name}`
  try {
    const command = ['sh', '-c', socketTables]
    const { stdout } = await kube.exec({ namespace, pod: name, command, timeoutMs: 10_000 })
    return parseSockets(stdout).map(({ incoming, remote, protocol, port }) => ({
      ...sampled('socket-sample', pod.spec.nodeName),
      from: incoming ? book.nameOf(remote) : own,
      to: incoming ? own : book.nameOf(remote),
      protocol,
      port,
      service: incoming ? null : book.serviceOf(remote),
    }))
  } catch (error) {
    // A pod without a shell is a gap in a sample, which is all gaps.
    if (isLabError(error) && error.code !== 'interrupted') return []
    throw error
  }
}

function sampled(basis: Flow['basis'], node: string) {
  const at = new Date().toISOString()
  return { node, at, basis, action: null, reporter: null, counts: null, enforced: [], pending: [] }
}
