import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LabError } from '../../errors.ts'
import { type Run, run } from '../../exec.ts'
import type { LoadRequest } from '../cluster.ts'
import { runKind } from './kind-binary.ts'
import { kindName, nodeNames } from './kind-clusters.ts'
import { providerProgram } from './provider.ts'

/** What of this machine the nodes are to have: archives (`docker save`) by their path, images of the provider by their name. */
export interface WantedImages {
  archives: Archive[]
  names: string[]
}

export interface Archive {
  file: string
  /** The images in it; empty where that cannot be read: then it is loaded in any case. */
  images: string[]
}

/**
 * What has to be loaded so that the nodes have the images that the user named and those of Calico. What an archive
 * holds is not loaded a second time; what neither an archive nor the provider has is left to the nodes to pull.
 */
export async function chooseImages(
  { given, calico }: { given: string[]; calico: string[] },
  runner: Run = run,
): Promise<WantedImages> {
  const isArchive = (image: string) => /\.(tar|tgz|tar\.gz)$/.test(image)
  const archives = await Promise.all(given.filter(isArchive).map((file) => readArchive(file, runner)))
  const inArchives = new Set(archives.flatMap(({ images }) => images))
  const local = await localImages(
    calico.filter((image) => !inArchives.has(image)),
    runner,
  )
  const named = given.filter((image) => !isArchive(image))
  return { archives, names: [...new Set([...named, ...local])] }
}

/** Those of these images that the provider has. */
export async function localImages(images: string[], runner: Run = run): Promise<string[]> {
  const found = await Promise.all(
    images.map((image) =>
      runner([providerProgram(), 'image', 'inspect', '--format', 'x', image], { allowFailure: true }),
    ),
  )
  return images.filter((_, index) => found[index]!.code === 0)
}

/**
 * Loads images into the nodes of a cluster that is perhaps still being made: it begins as soon as each node's
 * containerd answers. What a node image brought along is not loaded again.
 */
export async function loadImages(
  cluster: { name: string; nodes: number },
  { archives, names }: WantedImages,
  signal: AbortSignal,
): Promise<void> {
  if (archives.length + names.length === 0) return
  const nodes = await Promise.all(
    nodeNames(cluster).map(async (node) => ({ node, images: await imagesOf(node, signal) })),
  )
  const lacking = (images: string[]) =>
    nodes
      .filter((one) => images.length === 0 || images.some((image) => !one.images.has(fullName(image))))
      .map(({ node }) => node)
  const load = async (how: string[], images: string[]) => {
    const where = lacking(images)
    if (where.length === 0) return
    const target = ['--name', kindName(cluster.name), '--nodes', where.join(',')]
    await runKind(['load', ...how, ...target], { signal })
  }
  for (const { file, images } of archives) await load(['image-archive', file], images)
  if (names.length === 0) return
  if (providerProgram() === 'docker') await load(['docker-image', ...names], names)
  else await withArchiveOf(names, signal, (file) => load(['image-archive', file], names))
}

/** kind's `load docker-image` asks the program `docker`, whoever runs the nodes. */
async function withArchiveOf(
  names: string[],
  signal: AbortSignal,
  use: (file: string) => Promise<void>,
): Promise<void> {
  const program = providerProgram()
  const folder = await mkdtemp(join(tmpdir(), 'ztlab-images-'))
  try {
    const file = join(folder, 'images.tar')
    const several = program === 'podman' ? ['--multi-image-archive'] : []
    await run([program, 'save', ...several, '--output', file, ...names], { timeoutMs: 600_000, signal })
    await use(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Brings an archive to the nodes of a running cluster; resolves with the names of its images. */
export async function loadArchive(name: string, { source, image }: LoadRequest): Promise<string[]> {
  if (image !== undefined) {
    const message = '--image is for archives without names, which kind does not load'
    throw new LabError({
      code: 'bad-input',
      message,
      hint: 'docker tag ID NAME:TAG && docker save NAME:TAG > image.tar',
    })
  }
  await runKind(['load', 'image-archive', source, '--name', kindName(name)], { timeoutMs: 300_000 })
  return (await readArchive(source, run)).images
}

/** `busybox:1.36` as containerd knows it: with its registry, and a tag. */
export function fullName(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first)
  const path = hasRegistry ? image : `docker.io/${rest.length > 0 ? image : `library/${image}`}`
  return /[:@][^/]*$/.test(path) ? path : `${path}:latest`
}

/** Asked until containerd answers: providers have an event for a container that starts, none for what starts in them. */
async function imagesOf(node: string, signal: AbortSignal): Promise<Set<string>> {
  const argv = [providerProgram(), 'exec', node, 'ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet']
  for (;;) {
    const { code, stdout } = await run(argv, { allowFailure: true, signal })
    if (code === 0) return new Set(stdout.split('\n'))
    await sleep(200, undefined, { signal })
  }
}

async function readArchive(file: string, runner: Run): Promise<Archive> {
  const { code, stdout } = await runner(
    ['tar', '--extract', '--to-stdout', '--file', file, 'manifest.json'],
    {
      allowFailure: true,
      timeoutMs: 120_000,
    },
  )
  return { file, images: code === 0 ? imagesIn(stdout) : [] }
}

function imagesIn(manifest: string): string[] {
  try {
    const entries: unknown = JSON.parse(manifest)
    if (!Array.isArray(entries)) return []
    return (entries as { RepoTags?: string[] | null }[]).flatMap(({ RepoTags }) => RepoTags ?? [])
  } catch {
    return []
  }
}
