import { chmod, readFile } from 'node:fs/promises'
import { LabError, messageOf } from '../../errors.ts'
import { run } from '../../exec.ts'
import { connectKube, type KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Cluster, ClusterSpec, Progress } from '../cluster.ts'
import { nodesOf } from '../nodes.ts'
import { policyDefinitions } from './calico-definitions.ts'
import { type CalicoManifest, calicoManifest } from './calico-manifest.ts'
import { kindConfig, thisHost } from './config.ts'
import { runKind } from './kind-binary.ts'
import { deleteCluster, kindName, withKubeconfigFile } from './kind-clusters.ts'
import { clusterFrom } from './open.ts'
import { preflight } from './preflight.ts'

/** Ten minutes: images may have to be downloaded. */
const readyTimeoutMs = 600_000

/** Nodes, images, Calico, then waits for nodes, DNS and felix. What it made is deleted if any of that fails. */
export async function create(spec: ClusterSpec, progress: Progress, signal?: AbortSignal): Promise<Cluster> {
  demand(await preflight())
  const calico = await chooseCalico(spec, progress, signal)
  const nodes = calico ? spec.nodes : 1
  try {
    const kubeconfig = await progress.step(`kind cluster ${kindName(spec.name)}: ${nodes} nodes`, () =>
      makeNodes(spec, { nodes, calico: calico !== null }, signal),
    )
    const images = [...(spec.loadImages ?? []), ...(await localImages(calico?.images ?? []))]
    for (const image of images)
      await progress.step(`loading ${image}`, () => loadImage(spec.name, image, signal))
    const kube = await connectKube(kubeconfig)
    try {
      const title = calico ? 'Calico' : 'network of the node image'
      await progress.step(title, () => installNetwork(kube, calico, signal))
    } finally {
      kube.close()
    }
    return clusterFrom(spec.name, kubeconfig, { deleteOnClose: !spec.detached })
  } catch (error) {
    await progress.step(`deleting kind cluster ${kindName(spec.name)}`, () => deleteCluster(spec.name))
    throw error
  }
}

function demand(checks: Awaited<ReturnType<typeof preflight>>): void {
  const missing = checks.find(({ ok }) => !ok)
  if (!missing) return
  throw new LabError({
    code: 'missing-package',
    message: `a kind cluster cannot run here: ${missing.detail}`,
    hint: missing.cure!,
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

/** On this machine already, or pulled now: a kubelet that pulls in vain is waited for much longer. */
async function demandImages(images: string[], signal?: AbortSignal): Promise<void> {
  const local = await localImages(images)
  for (const image of images.filter((image) => !local.includes(image))) {
    await run(['docker', 'pull', '--quiet', image], { timeoutMs: readyTimeoutMs, ...(signal && { signal }) })
  }
}

async function localImages(images: string[]): Promise<string[]> {
  const found = await Promise.all(
    images.map((image) =>
      run(['docker', 'image', 'inspect', '--format', 'x', image], { allowFailure: true }),
    ),
  )
  return images.filter((_, index) => found[index]!.code === 0)
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

/** A file is an archive, anything else the name of an image. */
async function loadImage(name: string, image: string, signal?: AbortSignal): Promise<void> {
  const how = /\.(tar|tgz|tar\.gz)$/.test(image) ? 'image-archive' : 'docker-image'
  await runKind(['load', how, image, '--name', kindName(name)], signal ? { signal } : {})
}

async function installNetwork(
  kube: KubeClient,
  calico: CalicoManifest | null,
  signal?: AbortSignal,
): Promise<void> {
  const options = signal ? { signal } : {}
  await kube.apply(calico?.objects ?? policyDefinitions, options)
  const nodes = (await nodesOf(kube)).map(({ name }) => named('v1', 'Node', name))
  const workloads = (calico?.objects ?? []).filter(
    ({ kind }) => kind === 'DaemonSet' || kind === 'Deployment',
  )
  const dns = named('apps/v1', 'Deployment', 'coredns', 'kube-system')
  await kube.waitReady([...nodes, dns, ...workloads], { timeoutMs: readyTimeoutMs, ...options })
}

function named(apiVersion: string, kind: string, name: string, namespace?: string): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }
}
