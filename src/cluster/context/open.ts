import { randomBytes } from 'node:crypto'
import { isLabError } from '../../errors.ts'
import { connectKube, type KubeClient } from '../../kube/index.ts'
import { agnhostImage, type CanaryChoices, canaryNamespace, createCanary } from '../canary/index.ts'
import type { Abilities, Cluster } from '../cluster.ts'
import { observeFlows } from '../flows/index.ts'
import { deleteLeftovers } from '../leftovers.ts'
import { nodesOf } from '../nodes.ts'
import type { ContextChoice } from './choice.ts'
import { contextKubeconfig } from './kubeconfig.ts'
import { type ClusterNetwork, detectNetwork } from './network.ts'
import { createNodeShells, enterNode, type NodeShellChoices } from './node-shell.ts'
import { mayWriteTiers } from './permissions.ts'

/**
 * An existing cluster. What runs that crashed left there is deleted first; `close` deletes what this one made for
 * itself. Throws `bad-input` for a context that does not exist, `cluster-unreachable` or `missing-permission`.
 */
export async function open(choice: ContextChoice): Promise<Cluster> {
  const { kubeconfig, kube } = await connect(choice)
  try {
    await deleteLeftovers(kube)
    return await clusterFrom(choice, { kubeconfig, kube })
  } catch (error) {
    kube.close()
    throw error
  }
}

/** A client of the cluster behind a context, which has answered. */
export async function connect(choice: ContextChoice): Promise<{ kubeconfig: string; kube: KubeClient }> {
  const kubeconfig = contextKubeconfig(choice.name, choice.kubeconfig)
  const kube = await connectKube(kubeconfig)
  try {
    await kube.raw('/version', { timeoutMs: 10_000 })
    return { kubeconfig, kube }
  } catch (error) {
    kube.close()
    throw error
  }
}

/** Unlike felix, which takes some 50 ms, networks that are configured over a cloud's API take seconds. */
const biteTimeoutMs = 20_000

/** Where and how a run's canary lives on a cluster that is not ours. */
export function canaryChoices({ image }: ContextChoice, runId: string): CanaryChoices {
  return {
    namespace: `${canaryNamespace}-${runId}`,
    runId,
    biteTimeoutMs,
    ...(image && { image }),
    hint: 'use a cluster whose network enforces NetworkPolicies, or --cluster embedded',
  }
}

/** Where and how a run's shells on nodes live. */
export function nodeShellChoices({ image = agnhostImage }: ContextChoice, runId: string): NodeShellChoices {
  return { namespace: `ztlab-nodes-${runId}`, image, runId }
}

export function newRunId(): string {
  return randomBytes(4).toString('hex')
}

async function clusterFrom(
  choice: ContextChoice,
  { kubeconfig, kube }: { kubeconfig: string; kube: KubeClient },
): Promise<Cluster> {
  const runId = newRunId()
  const network = await networkOrUnknown(kube)
  const image = choice.image ?? agnhostImage
  const canary = createCanary(async () => kube, {
    ...canaryChoices(choice, runId),
    network: network.name,
    tiers: await mayWriteTiers(kube),
  })
  const shells = createNodeShells(kube, nodeShellChoices(choice, runId))
  const file = choice.kubeconfig === undefined ? [] : ['--kubeconfig', choice.kubeconfig]
  const kubectl = ['kubectl', ...file, '--context', choice.name]
  return {
    name: choice.name,
    backend: 'context',
    kubeconfig,
    abilities: await abilitiesOf(kube),
    nodes: () => nodesOf(kube),
    runOnNode: (node, argv, options) => shells.run(node, argv, options),
    nodeCommand(node, argv, when = 'later') {
      const pod = shells.podOn(node)?.split('/')
      if (when === 'now' && pod) {
        const interactive = argv ? '-i' : '-it'
        return [...kubectl, 'exec', interactive, '-n', pod[0]!, pod[1]!, '--', ...enterNode(argv ?? ['sh'])]
      }
      const debug = ['debug', `node/${node}`, '-it', '--profile=sysadmin', `--image=${image}`, '--']
      return [...kubectl, ...debug, ...enterNode(argv ?? ['sh'])]
    },
    settled: (_resourceVersion, options) => canary.settled(options),
    flows: (options) =>
      observeFlows(
        { kube, nodes: () => nodesOf(kube), runOnNode: (...call) => shells.run(...call) },
        options,
      ),
    async close() {
      try {
        await Promise.all([canary.remove(), shells.remove()])
      } finally {
        kube.close()
      }
    },
  }
}

/** The policy APIs are those that can be written; whether anything enforces them, the canary proves. */
async function abilitiesOf(kube: KubeClient): Promise<Abilities> {
  const clusterPolicies = 'policy.networking.k8s.io/v1alpha2'
  const [calico, admin] = await Promise.all([
    kube.get('projectcalico.org/v3', 'Tier', 'default').catch(() => null),
    kube.raw(`/apis/${clusterPolicies}`).catch(() => null),
  ])
  return {
    policyApis: [
      'networking.k8s.io/v1',
      ...(calico ? ['projectcalico.org/v3'] : []),
      ...(admin ? [clusterPolicies] : []),
    ],
    protocols: ['TCP', 'UDP', 'SCTP'],
    nodeShell: true,
    probeTimeoutMs: 1000,
    // Calico has three; whoever asks a node sees which.
    dataplane: 'unknown',
    sharesPolicyModel: false,
  }
}

async function networkOrUnknown(kube: KubeClient): Promise<ClusterNetwork> {
  try {
    return await detectNetwork(kube)
  } catch (error) {
    if (!isLabError(error) || error.code !== 'missing-permission') throw error
    return { name: 'a network that may not be looked at', enforces: null }
  }
}
