/**
 * `make bench`: what a user waits for, measured on this machine. Prints a table on stdout; asserts nothing.
 * `BENCH_RUNS=3` sets how often the slow ones are repeated; `BENCH_CLUSTER=kind` measures kind with Calico alone,
 * `BENCH_ONLY=pods` what many pods take.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Cluster, type ClusterBackend, selectBackend } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { measureMatrix } from '../../src/matrix/index.ts'
import { projectRoot } from '../../src/project-root.ts'
import { apiTimes } from './api.ts'
import { kindTimes } from './kind.ts'
import { memoryOf } from './memory.ts'
import { benchPods } from './pods.ts'
import { policyMatrices } from './policy.ts'
import { report, row } from './report.ts'
import { namespaces, policies, questions, workloads } from './shop.ts'

const runs = Number(process.env.BENCH_RUNS ?? 5)
const silent = { step: <T>(_title: string, work: () => Promise<T>) => work(), note: () => {}, warn: () => {} }

async function main(): Promise<void> {
  if (process.env.BENCH_CLUSTER === 'kind') {
    await kindTimes(row, Math.min(runs, 3))
    return
  }
  const only = process.env.BENCH_ONLY
  const backend = await selectBackend('embedded')
  if (only === undefined || only === 'pods') await benchPods(() => createCluster(backend, 'bench-pods'), runs)
  if (only === 'pods') return
  policyMatrices(row)
  await apiTimes(row, runs)
  await clusterReady(backend)
  calicoBasics()
  const cluster = await createCluster(backend, 'bench')
  const kube = await connectKube(cluster.kubeconfig)
  try {
    memoryAtRest(cluster)
    await applyToEnforced(cluster, kube)
    await largeMatrix(cluster, kube)
  } finally {
    kube.close()
    await cluster.close()
  }
}

async function clusterReady(backend: ClusterBackend): Promise<void> {
  const times: number[] = []
  for (let run = 0; run <= runs; run++) {
    const started = performance.now()
    const cluster = await createCluster(backend, `bench-${run}`)
    // The first run fills the image cache and is not counted.
    if (run > 0) times.push(performance.now() - started)
    await cluster.close()
  }
  report('cluster ready, 2 nodes', times, 'aim 1,500 ms')
}

function calicoBasics(): void {
  const program = join(projectRoot(), 'dist/ztlab.js')
  const times = Array.from({ length: Math.min(runs, 3) }, () => {
    const started = performance.now()
    execFileSync(process.execPath, [program, 'lab', 'run', 'calico-basics', '--quiet', '--output', 'json'])
    return performance.now() - started
  })
  report('calico-basics in full', times, 'aim 6,000 ms')
}

/** From handing the policy to the API until every node has it in its kernel. */
async function applyToEnforced(cluster: Cluster, kube: KubeClient): Promise<void> {
  await kube.apply([...namespaces(), ...workloads()])
  await kube.waitReady(workloads())
  const change = (order: number): KubernetesObject => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: 'flip', namespace: 'bench-x' },
    spec: {
      order,
      selector: 'all()',
      types: ['Ingress'],
      ingress: [{ action: order % 2 ? 'Allow' : 'Deny' }],
    },
  })
  const whole: number[] = []
  const afterReturn: number[] = []
  for (let order = 1; order <= 50; order++) {
    const started = performance.now()
    const [stored] = await kube.apply([change(order)])
    const returned = performance.now()
    await cluster.settled(stored!.metadata.resourceVersion!)
    whole.push(performance.now() - started)
    afterReturn.push(performance.now() - returned)
  }
  report('apply → enforced, 50 changes', whole, 'aim 40 ms')
  report('  of it after apply returned', afterReturn, 'real Calico: about 40 ms')
  await kube.delete([change(0)])
}

/** Nine pods, each asked by each on six ports, with policies that deny a tenth of the cells. */
async function largeMatrix(cluster: Cluster, kube: KubeClient): Promise<void> {
  const stored = await kube.apply(policies())
  await cluster.settled(stored.at(-1)!.metadata.resourceVersion!)
  for (let run = 0; run < 2; run++) {
    const result = await measureMatrix({
      kube,
      abilities: cluster.abilities,
      questions: questions(),
      timeoutMs: 1000,
      engine: null,
    })
    const denied = result.cells.filter(({ measured }) => measured === 'dropped').length
    const odd = result.cells.filter(({ measured }) => measured !== 'dropped' && measured !== 'allowed')
    if (odd.length > 0) throw new Error(`the matrix is not clean: ${JSON.stringify(odd[0])}`)
    report(
      `matrix, ${result.cells.length} cells, ${denied} denied`,
      [result.durationMs],
      `${result.execs} execs; aim 9 execs, 3,000 ms`,
    )
  }
}

function memoryAtRest(cluster: Cluster): void {
  const { bytes, processes } = memoryOf(cluster.name)
  row(
    'memory at rest',
    `${Math.round(bytes / 2 ** 20)} MiB in ${processes} processes`,
    'shared memory counted once',
  )
}

function createCluster(backend: ClusterBackend, name: string): Promise<Cluster> {
  return backend.create({ name: `${name}-${process.pid}`, nodes: 2, detached: false }, silent)
}

await main()
