import { LabError } from '../../errors.ts'
import { run } from '../../exec.ts'
import { connectKube, type KubeClient } from '../../kube/index.ts'
import { type Canary, canaryNamespace, createCanary } from '../canary/index.ts'
import type { Abilities, Cluster } from '../cluster.ts'
import { observeFlows } from '../flows/index.ts'
import { nodesOf } from '../nodes.ts'
import { runKind } from './kind-binary.ts'
import { deleteCluster, kindName, listClusters } from './kind-clusters.ts'
import { providerProgram } from './provider.ts'

const clusterPolicies = 'policy.networking.k8s.io/v1alpha2'

/** The policy APIs are those that can be written; whether anything enforces them, the canary proves. */
const abilities: Abilities = {
  policyApis: ['networking.k8s.io/v1', 'projectcalico.org/v3'],
  protocols: ['TCP', 'UDP', 'SCTP'],
  nodeShell: true,
  probeTimeoutMs: 1000,
  dataplane: 'iptables',
  sharesPolicyModel: false,
}

/** A running cluster of ours by its name; kind keeps its kubeconfig. */
export async function open(name: string): Promise<Cluster> {
  if (!(await listClusters()).includes(name)) {
    throw new LabError({
      code: 'not-found',
      message: `no kind cluster named ${kindName(name)} is running`,
      hint: `ztlab cluster up --cluster kind --name ${name}`,
    })
  }
  const { stdout } = await runKind(['get', 'kubeconfig', '--name', kindName(name)], { timeoutMs: 30_000 })
  return clusterFrom(name, stdout, { deleteOnClose: false })
}

/** Calico's manifests bring ClusterNetworkPolicy since 3.32. A cluster that does not answer can still be entered. */
async function servesClusterPolicies(kubeconfig: string): Promise<boolean> {
  const kube = await connectKube(kubeconfig)
  try {
    await kube.raw(`/apis/${clusterPolicies}`, { timeoutMs: 5000 })
    return true
  } catch {
    return false
  } finally {
    kube.close()
  }
}

/** Felix takes some 50 ms; on a machine that is busy beyond measure it has taken ten seconds. */
const biteTimeoutMs = 20_000

export function createKindCanary(connect: () => Promise<KubeClient>): Canary {
  return createCanary(connect, {
    namespace: canaryNamespace,
    biteTimeoutMs,
    hint: 'use a cluster with Calico: give its images with --load-image, or use --cluster embedded',
  })
}

export async function clusterFrom(
  name: string,
  kubeconfig: string,
  { deleteOnClose }: { deleteOnClose: boolean },
): Promise<Cluster> {
  const more = (await servesClusterPolicies(kubeconfig)) ? [clusterPolicies] : []
  const program = providerProgram()
  let client: Promise<KubeClient> | undefined
  const kube = () => {
    client ??= connectKube(kubeconfig)
    return client
  }
  const canary = createKindCanary(kube)
  const cluster: Cluster = {
    name,
    backend: 'kind',
    kubeconfig,
    abilities: { ...abilities, policyApis: [...abilities.policyApis, ...more] },
    nodes: async () => nodesOf(await kube()),
    runOnNode: (node, argv, options) => run([program, 'exec', '-i', node, ...argv], options),
    nodeCommand: (node, argv) =>
      argv ? [program, 'exec', node, ...argv] : [program, 'exec', '-it', node, 'bash'],
    settled: (_resourceVersion, options) => canary.settled(options),
    async *flows(options) {
      yield* observeFlows({ kube: await kube(), nodes: cluster.nodes, runOnNode: cluster.runOnNode }, options)
    },
    async close() {
      if (client) (await client).close()
      if (deleteOnClose) await deleteCluster(name)
    },
  }
  return cluster
}
