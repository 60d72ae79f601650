import { run } from '../../exec.ts'
import type { KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Progress } from '../cluster.ts'
import { policyDefinitions } from './calico-definitions.ts'
import { type CalicoManifest, withFlowReporter } from './calico-manifest.ts'
import { providerProgram } from './provider.ts'

interface Installation {
  /** Every node that there has to be: one whose kubelet fails never tells the API of itself. */
  nodes: string[]
  /** Null: the nodes have a network already. */
  calico: CalicoManifest | null
  /** Resolves once the nodes have the images. */
  loaded: Promise<void>
  timeoutMs: number
  signal: AbortSignal
}

/** Makes the nodes' network, and waits until felix is ready on each. */
export async function installNetwork(
  kube: KubeClient,
  { nodes, calico, loaded, timeoutMs, signal }: Installation,
  progress: Progress,
): Promise<void> {
  if (!calico) {
    await kube.apply(policyDefinitions, { signal })
    await progress.step('images on the nodes', () => loaded)
    return
  }
  const ofKind = (kind: string) => calico.objects.filter((object) => object.kind === kind)
  const definitions = calico.objects.filter(({ kind }) => kind !== 'DaemonSet' && kind !== 'Deployment')
  const before = [dnsPods({ replicas: 0 }), apiServerFor(nodes[0]!), ...definitions]
  await progress.step("Calico's definitions", () => kube.apply(before, { signal }))
  await progress.step('images on the nodes', () => loaded)
  await progress.step('felix on every node', async () => {
    const daemonSets = await kube.apply(withFlowReporter(ofKind('DaemonSet')), { signal })
    await felixReady(kube, daemonSets, { nodes, timeoutMs, signal })
  })
  // A pod that is placed before the network works is tried again only after 10 s.
  await kube.apply([dnsPods({ replicas: nodes.length > 1 ? 2 : 1 }), ...ofKind('Deployment')], { signal })
}

type Waiting = Pick<Installation, 'nodes' | 'timeoutMs' | 'signal'>

export async function nodesReady(kube: KubeClient, { nodes, timeoutMs, signal }: Waiting): Promise<void> {
  await kube.waitReady(
    nodes.map((name) => named('v1', 'Node', name)),
    { timeoutMs, signal },
  )
}

/** What runs beside the nodes: the pods that answer for names, and Calico's controllers. */
export async function podsReady(
  kube: KubeClient,
  { calico, timeoutMs, signal }: Waiting & Pick<Installation, 'calico'>,
): Promise<void> {
  const controllers = calico?.objects.filter(({ kind }) => kind === 'Deployment') ?? []
  await kube.waitReady([dnsPods(), ...controllers], { timeoutMs, signal })
}

/**
 * Felix' own word for it, or the DaemonSet's, whichever comes first: the kubelet asks felix every 10 s only, but the
 * DaemonSet knows why there is no felix.
 */
async function felixReady(
  kube: KubeClient,
  daemonSets: KubernetesObject[],
  { nodes, timeoutMs, signal }: { nodes: string[]; timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const decided = new AbortController()
  const options = { timeoutMs, signal: AbortSignal.any([signal, decided.signal]) }
  const rolledOut = kube.waitReady(daemonSets, options)
  const answering = Promise.all(
    nodes.map((node) => run([providerProgram(), 'exec', node, 'sh', '-c', askFelix], options)),
  )
  try {
    await Promise.any([rolledOut, answering])
  } catch {
    await rolledOut
  } finally {
    decided.abort()
    await Promise.allSettled([rolledOut, answering])
  }
}

/** Its health report, where Calico's manifests have it listen. */
const askFelix =
  'until curl --silent --fail --output /dev/null http://localhost:9099/readiness; do sleep 0.1; done'

/**
 * Where Calico's pods find the API server, as Calico's documentation of its eBPF dataplane has it: by the name under
 * which kind's nodes join. The Service's address works on a node no sooner than its kube-proxy, which may start later
 * than Calico's CNI installer: that then fails, and is tried again only after 10 s.
 */
function apiServerFor(controlPlane: string): KubernetesObject {
  return {
    ...named('v1', 'ConfigMap', 'kubernetes-services-endpoint', 'kube-system'),
    data: { KUBERNETES_SERVICE_HOST: controlPlane, KUBERNETES_SERVICE_PORT: '6443' },
  }
}

function dnsPods(spec?: { replicas: number }): KubernetesObject {
  return { ...named('apps/v1', 'Deployment', 'coredns', 'kube-system'), ...(spec && { spec }) }
}

function named(apiVersion: string, kind: string, name: string, namespace?: string): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }
}
