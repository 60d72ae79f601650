import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Cluster, type ClusterSpec, selectBackend } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import { measureMatrix, type Question } from '../../src/matrix/index.ts'
import { projectRoot } from '../../src/project-root.ts'
import { kindOnHand } from '../support/kind-on-hand.ts'
import { execPerCell } from './exec-per-cell.ts'
import { namespaces, policies, questions, workloads } from './shop.ts'

type Row = (title: string, figures: string, note: string) => void

const silent = { step: <T>(_title: string, work: () => Promise<T>) => work(), note: () => {}, warn: () => {} }
const timeoutMs = 1000

/** kind with Calico: to ready, a lab in full, and the large matrix beside one exec per cell. Says why where it cannot be had. */
export async function kindTimes(row: Row, runs: number): Promise<void> {
  const { whyNot, whyNoCalico, spec } = kindOnHand()
  const why = whyNot ?? whyNoCalico
  if (why !== null) {
    row('kind with Calico', 'left out', why)
    return
  }
  const name = `bench-${process.pid}`
  const started = performance.now()
  const cluster = await (await selectBackend('kind')).create({ ...spec, name, detached: false }, silent)
  row('kind with Calico ready, 2 nodes', seconds(performance.now() - started), 'aim 60 s')
  const kube = await connectKube(cluster.kubeconfig)
  try {
    labTotal(row, { name, runs })
    await matrices(row, cluster, kube)
  } finally {
    kube.close()
    await cluster.close()
  }
  warmTimes(row, spec)
}

function labTotal(row: Row, { name, runs }: { name: string; runs: number }): void {
  const times = Array.from({ length: runs }, () => runLab(['--name', name]))
  row('calico-basics in full on it', times.map(seconds).join(', '), '')
}

/** The second run takes what the first has left warm. */
function warmTimes(
  row: Row,
  { calicoManifest, loadImages = [], nodeImage }: Omit<ClusterSpec, 'name' | 'detached'>,
) {
  const given = [
    ...(calicoManifest ? ['--calico-manifest', calicoManifest] : []),
    ...(nodeImage ? ['--node-image', nodeImage] : []),
    ...loadImages.flatMap((image) => ['--load-image', image]),
  ]
  const first = runLab(given)
  row('calico-basics, from nothing', seconds(first), 'the cluster is left warm')
  row('calico-basics, the cluster warm', seconds(runLab(given)), '')
  execFileSync(process.execPath, [
    program,
    'cluster',
    'down',
    '--cluster',
    'kind',
    '--name',
    'warm-2',
    '--quiet',
  ])
}

const program = join(projectRoot(), 'dist/ztlab.js')

function runLab(options: string[]): number {
  const started = performance.now()
  const argv = ['lab', 'run', 'calico-basics', '--cluster', 'kind', '--quiet', '--output', 'json', ...options]
  execFileSync(process.execPath, [program, ...argv], { maxBuffer: 1 << 26 })
  return performance.now() - started
}

/** Both measure the same cells, and have to say the same of each. */
export async function matrices(row: Row, cluster: Cluster, kube: KubeClient): Promise<void> {
  await kube.apply([...namespaces(), ...workloads()])
  await kube.waitReady(workloads(), { timeoutMs: 180_000 })
  const stored = await kube.apply(policies())
  await cluster.settled(stored.at(-1)!.metadata.resourceVersion!)
  const asked = questions()
  const ours = [await measure(cluster, kube, asked)]
  const theirs = await execPerCell(kube, asked, { workers: 15, timeoutMs })
  ours.push(await measure(cluster, kube, asked), await measure(cluster, kube, asked))
  for (const { cells } of ours) {
    const differing = cells.filter(
      ({ measured }, index) => (measured === 'allowed') !== theirs.allowed[index],
    )
    if (differing.length > 0)
      throw new Error(`they differ in ${differing.length} cells: ${JSON.stringify(differing[0])}`)
  }
  const denied = theirs.allowed.filter((allowed) => !allowed).length
  const times = ours.map(({ durationMs }) => durationMs).sort((a, b) => a - b)
  row(
    `matrix, ${asked.length} cells, ${denied} denied`,
    `${ours.map(({ execs }) => execs).join('/')} execs, ${times.map(seconds).join(', ')}`,
    'aim 10 execs, a tenth of the next line',
  )
  const [best, median] = times.map((durationMs) => (theirs.durationMs / durationMs).toFixed(1))
  row(
    '  the same, one exec per cell',
    `${asked.length} execs, ${seconds(theirs.durationMs)}`,
    `15 workers; ${median} times as long as the median, ${best} as the best`,
  )
}

/** As a lab does, which knows what its policies are about: who is foreseen to be silent is asked first. */
function measure(cluster: Cluster, kube: KubeClient, asked: Question[]) {
  return measureMatrix({ kube, abilities: cluster.abilities, questions: asked, timeoutMs })
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
