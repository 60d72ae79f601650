import { chmod, readFile } from 'node:fs/promises'
import { LabError, messageOf } from '../../errors.ts'
import { run } from '../../exec.ts'
import { connectKube, preloadKube } from '../../kube/index.ts'
import type { Cluster, ClusterSpec, Progress } from '../cluster.ts'
import { type CalicoManifest, calicoManifest } from './calico-manifest.ts'
import { kindConfig, thisHost } from './config.ts'
import { chooseImages, loadImages, localImages } from './images.ts'
import { installNetwork, nodesReady, podsReady } from './install-network.ts'
import { runKind } from './kind-binary.ts'
import { deleteCluster, kindName, listClusters, nodeNames, withKubeconfigFile } from './kind-clusters.ts'
import { clusterFrom, createKindCanary } from './open.ts'
import { preflight } from './preflight.ts'
import { providerProgram } from './provider.ts'

/** Calico's manifest would have to be another for IPv6. */
function requireIpv4({ ipFamily = 'ipv4', name }: ClusterSpec): void {
  if (ipFamily === 'ipv4') return
  throw new LabError({
    code: 'unsupported',
    message: `kind clusters are made with IPv4 alone, not ${ipFamily}`,
    hint: `ztlab cluster up --ip-family ${ipFamily} --name ${name}`,
  })
}

/** Ten minutes: images may have to be downloaded. */
const readyTimeoutMs = 600_000

/** What was made, and whether Calico is on it. */
export interface Created {
  cluster: Cluster
  calico: boolean
}

/**
 * Nodes, images, Calico; then waits for nodes and felix, for DNS that answers a pod, and, with Calico, until a canary's
 * deny was seen to bite. What it made is deleted if any of that fails.
 */
export async function create(spec: ClusterSpec, progress: Progress, signal?: AbortSignal): Promise<Created> {
  requireIpv4(spec)
  demand(await preflight(), progress)
  await refuseTaken(spec.name)
  const calico = await chooseCalico(spec, progress, signal)
  const nodes = calico ? spec.nodes : 1
  const images = await chooseImages({ given: spec.loadImages ?? [], calico: calico?.images ?? [] })
  const failed = new AbortController()
  const until = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  try {
    const loaded = loadImages({ name: spec.name, nodes }, images, until)
    // It is awaited below; if the nodes fail first, that is what there is to say.
    loaded.catch(() => undefined)
    void preloadKube()
    const kubeconfig = await progress.step(`kind cluster ${kindName(spec.name)}: ${nodes} nodes`, () =>
      makeNodes(spec, { nodes, calico: calico !== null }, signal),
    )
    const kube = await connectKube(kubeconfig)
    try {
      const names = nodeNames({ name: spec.name, nodes })
      const waiting = { nodes: names, timeoutMs: readyTimeoutMs, signal: until }
      await installNetwork(kube, { ...waiting, calico, loaded }, progress)
      await progress.step('nodes ready', () => nodesReady(kube, waiting))
      const canary = createKindCanary(async () => kube)
      await progress.step(calico ? 'DNS, a canary whose deny bites' : 'DNS', () =>
        Promise.all([podsReady(kube, { ...waiting, calico }), ...(calico ? [canary.prove(until)] : [])]),
      )
      await progress.step('a name from a pod', () => canary.settled({ signal: until }))
    } finally {
      kube.close()
    }
    return {
      cluster: await clusterFrom(spec.name, kubeconfig, { deleteOnClose: !spec.detached }),
      calico: calico !== null,
    }
  } catch (error) {
    failed.abort()
    await progress.step(`deleting kind cluster ${kindName(spec.name)}`, () => deleteCluster(spec.name))
    throw error
  }
}

/** Throws for what is required and missing; tells what else may go wrong. */
function demand(checks: Awaited<ReturnType<typeof preflight>>, progress: Progress): void {
  const missing = checks.find(({ ok, required }) => required && !ok)
  if (!missing) {
    for (const { ok, title, detail, cure } of checks) if (!ok) progress.warn(`${title}: ${detail} (${cure})`)
    return
  }
  throw new LabError({
    code: 'missing-package',
    message: `a kind cluster cannot run here: ${missing.detail}`,
    hint: missing.cure!,
  })
}

/** Before anything is made: what a failed creation deletes must be its own. */
async function refuseTaken(name: string): Promise<void> {
  if (!(await listClusters()).includes(name)) return
  throw new LabError({
    code: 'bad-input',
    message: `a kind cluster named ${kindName(name)} is there already`,
    hint: `ztlab cluster down --cluster kind --name ${name}`,
  })
}

/** Null: the node image's own network, because it was asked for or because Calico is not to be had, which is said. */
async function chooseCalico(
  spec: ClusterSpec,
  progress: Progress,
  signal?: AbortSignal,
): Promise<CalicoManifest | null> {
  if (spec.cni === 'default') return null
  try {
    const manifest = await progress.step('Calico manifest', () => calicoManifest(spec.calicoManifest))
    if (spec.loadImages === undefined)
      await progress.step('Calico images', () => demandImages(manifest.images, signal))
    return manifest
  } catch (error) {
    if (spec.cni === 'calico' || spec.calicoManifest !== undefined || signal?.aborted) throw error
    progress.note(messageOf(error))
    progress.warn(
      'Calico cannot be had here: using the network of the node image, with one node; no policy will bite',
    )
    return null
  }
}

/** With the provider already, or pulled now: a kubelet that pulls in vain is waited for much longer. */
async function demandImages(images: string[], signal?: AbortSignal): Promise<void> {
  const local = await localImages(images)
  for (const image of images.filter((image) => !local.includes(image))) {
    await run([providerProgram(), 'pull', '--quiet', image], {
      timeoutMs: readyTimeoutMs,
      ...(signal && { signal }),
    })
  }
}

function makeNodes(
  spec: ClusterSpec,
  { nodes, calico }: { nodes: number; calico: boolean },
  signal?: AbortSignal,
): Promise<string> {
  return withKubeconfigFile(async (file) => {
    const image = spec.nodeImage ? ['--image', spec.nodeImage] : []
    await runKind(
      ['create', 'cluster', '--name', kindName(spec.name), '--kubeconfig', file, '--config', '-', ...image],
      { stdin: kindConfig({ nodes, calico, host: thisHost() }), ...(signal && { signal }) },
    )
    await chmod(file, 0o600)
    return readFile(file, 'utf8')
  })
}
