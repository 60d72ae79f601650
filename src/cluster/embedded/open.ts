import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClusterState, clusterDirectory, stateFiles } from '../../embedded/state.ts'
import { isLabError, LabError } from '../../errors.ts'
import { type ExecOptions, type ExecResult, run } from '../../exec.ts'
import { connectKube, type KubeClient } from '../../kube/index.ts'
import { isAlive } from '../../process-ref.ts'
import { projectRoot } from '../../project-root.ts'
import type { Abilities, Cluster } from '../cluster.ts'
import { observeFlows } from '../flows/index.ts'
import { nodesOf } from '../nodes.ts'
import { isRunning, readState } from './state-file.ts'

const abilities: Abilities = {
  policyApis: ['networking.k8s.io/v1', 'projectcalico.org/v3', 'policy.networking.k8s.io/v1alpha2'],
  // Kernels of many machines have no SCTP; pods have no IPv6.
  protocols: ['TCP', 'UDP', 'ICMP'],
  nodeShell: true,
  // Nothing between two pods of one machine takes 100 ms; the rest is for a busy machine.
  probeTimeoutMs: 400,
  dataplane: 'nft',
  sharesPolicyModel: true,
}

/** Reads the kernel's packet log on a node. */
const flowsProgram = 'src/embedded/runtime/agent/flows.pl'

/** A running cluster by its name. `onClose` ends it, where it was made to live no longer than its maker. */
export async function open(name: string, onClose?: () => Promise<void>): Promise<Cluster> {
  const directory = clusterDirectory(name)
  // Read anew each time: nodes that were down have other processes.
  const running = () => {
    const state = readState(directory)
    if (!isRunning(state)) throw notRunning(name)
    return state
  }
  running()
  const kubeconfig = readFileSync(stateFiles(directory).kubeconfig, 'utf8')
  let client: Promise<KubeClient> | undefined
  const kube = () => {
    client ??= connectKube(kubeconfig)
    return client
  }
  const cluster: Cluster = {
    name,
    backend: 'embedded',
    kubeconfig,
    abilities,
    nodes: async () => nodesOf(await kube()),
    runOnNode: async (node, argv, options) =>
      runOnNode(running(), nodeCommand(running(), node, argv), options),
    nodeCommand: (node, argv = ['sh']) => nodeCommand(running(), node, argv),
    settled: async (resourceVersion, { signal } = {}) =>
      settled(await kube(), running(), { resourceVersion, signal }),
    async *flows(options) {
      const kernelLogProgram = readFileSync(join(projectRoot(), flowsProgram), 'utf8')
      const { nodes, runOnNode } = cluster
      yield* observeFlows({ kube: await kube(), nodes, runOnNode, kernelLogProgram }, options)
    },
    async close() {
      if (client) (await client).close()
      await onClose?.()
    },
  }
  return cluster
}

/** A command that failed because its node is gone is no answer of that command. */
async function runOnNode(state: ClusterState, argv: string[], options?: ExecOptions): Promise<ExecResult> {
  try {
    const result = await run(argv, options)
    if (result.code !== 0 && !isAlive(state.nodeAgent)) throw nodesDown(state)
    return result
  } catch (error) {
    throw isAlive(state.nodeAgent) ? error : nodesDown(state)
  }
}

/** A node is a network namespace inside the namespaces of the node agent. */
function nodeCommand(state: ClusterState, node: string, argv: string[]): string[] {
  if (!state.nodes.includes(node)) {
    throw new LabError({
      code: 'not-found',
      message: `cluster ${state.name} has no node ${node}`,
      cause: `its nodes are ${state.nodes.join(', ')}`,
      hint: 'ztlab cluster list',
    })
  }
  if (!state.nodeAgent || !isAlive(state.nodeAgent)) throw nodesDown(state)
  // The namespaces that the node agent has of its own, and no more: joining any other needs rights over the host's.
  const namespaces = [...(state.rootless ? ['-U', '--preserve-credentials'] : []), '-m', '-n', '-p']
  return ['nsenter', '-t', String(state.nodeAgent.pid), ...namespaces, 'ip', 'netns', 'exec', node, ...argv]
}

async function settled(
  kube: KubeClient,
  state: ClusterState,
  { resourceVersion, signal }: { resourceVersion: string; signal?: AbortSignal },
): Promise<void> {
  try {
    const path = `/internal/settled?revision=${encodeURIComponent(resourceVersion)}`
    await kube.raw(path, { timeoutMs: 15_000, ...(signal && { signal }) })
  } catch (error) {
    if (!isLabError(error) || error.code !== 'cluster-failed') throw error
    // Its connections end a moment before the process that holds its namespaces.
    const isCut = error.problems.some((problem) => problem.includes('the kubelet does not answer'))
    if (isCut || !isAlive(state.nodeAgent)) throw nodesDown(state)
    throw new LabError({
      code: 'timeout',
      message: `a node does not enforce revision ${resourceVersion}`,
      problems: error.problems,
      hint: 'ztlab doctor',
    })
  }
}

function nodesDown({ name }: ClusterState): LabError {
  return new LabError({
    code: 'cluster-unreachable',
    message: `the nodes of cluster ${name} are down`,
    cause: 'their processes ended; they are started again within seconds',
    hint: 'run it again',
  })
}

/** There is no such cluster. */
export function notRunning(name: string): LabError {
  return new LabError({
    code: 'not-found',
    message: `no embedded cluster named ${name} is running`,
    hint: `ztlab cluster up --name ${name}`,
  })
}
