/** What a cluster of a hundred pods takes: to come up, to be policed, to be asked, and to be kept. */
import type { Cluster } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { measureMatrix, type Question } from '../../src/matrix/index.ts'
import { memoryOf } from './memory.ts'
import { report, row } from './report.ts'

const namespace = 'bench-pods'
const most = 100

/** `create` makes a cluster of its own for each run. */
export async function benchPods(create: () => Promise<Cluster>, runs: number): Promise<void> {
  for (const replicas of [1, 10, 50, most]) {
    const times: number[] = []
    for (let run = 0; run < runs; run += 1)
      await onCluster(create, async (_cluster, kube) => {
        times.push(await podsReady(kube, replicas))
      })
    report(`${replicas} pods ready`, times, replicas === 50 ? 'aim 10,000 ms' : '')
  }
  await onCluster(create, async (cluster, kube) => {
    const before = memoryOf(cluster.name)
    await podsReady(kube, most)
    const after = memoryOf(cluster.name)
    const perPod = (after.bytes - before.bytes) / most / 2 ** 20
    row('memory per pod', `${perPod.toFixed(1)} MiB`, `at rest ${Math.round(before.bytes / 2 ** 20)} MiB`)
    for (const policies of [10, 100, 500]) await enforced({ cluster, kube, policies })
    await hundredMatrix({ cluster, kube, runs })
  })
}

async function onCluster(
  create: () => Promise<Cluster>,
  work: (cluster: Cluster, kube: KubeClient) => Promise<void>,
): Promise<void> {
  const cluster = await create()
  const kube = await connectKube(cluster.kubeconfig)
  try {
    await work(cluster, kube)
  } finally {
    kube.close()
    await cluster.close()
  }
}

/** Milliseconds from handing a Deployment to the API until all its pods are ready. */
async function podsReady(kube: KubeClient, replicas: number): Promise<number> {
  const objects = manyPods(replicas)
  const started = performance.now()
  await kube.apply(objects)
  await kube.waitReady(objects, { timeoutMs: 300_000 })
  return performance.now() - started
}

const ports = [
  { protocol: 'TCP' as const, port: 80 },
  { protocol: 'UDP' as const, port: 81 },
  { protocol: 'TCP' as const, port: 82 },
]
const listeners =
  '/agnhost netexec --http-port=80 --udp-port=81 & exec /agnhost netexec --http-port=82 --udp-port=-1'

function manyPods(replicas: number): KubernetesObject[] {
  const labels = { app: 'many' }
  const container = {
    name: 'main',
    image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
    command: ['sh', '-c', listeners],
  }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'many', namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [container] },
      },
    },
  }
  return [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, deployment]
}

/** From handing one more change to the API until every node has it, where so many policies are in force. */
async function enforced({
  cluster,
  kube,
  policies,
}: {
  cluster: Cluster
  kube: KubeClient
  policies: number
}): Promise<void> {
  const stored = await kube.apply(Array.from({ length: policies }, (_each, index) => policy(index, 80)))
  await cluster.settled(stored.at(-1)!.metadata.resourceVersion!)
  const times: number[] = []
  for (let change = 0; change < 20; change += 1) {
    const started = performance.now()
    const [changed] = await kube.apply([policy(change, 82)])
    await cluster.settled(changed!.metadata.resourceVersion!)
    times.push(performance.now() - started)
  }
  report(`apply → enforced, ${policies} policies, ${most} pods`, times, policies === 500 ? 'aim 80 ms' : '')
}

/** Each lets in who has another label, from one address block more than the one before. */
function policy(index: number, port: number): KubernetesObject {
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: `bench-${index}`, namespace },
    spec: {
      order: index,
      selector: "app == 'many'",
      types: ['Ingress'],
      ingress: [
        {
          action: 'Allow',
          protocol: 'TCP',
          source: { selector: `team == 'team-${index}'`, nets: [`10.${index >> 8}.${index & 255}.0/24`] },
          destination: { ports: [port] },
        },
      ],
    },
  }
}

async function hundredMatrix({
  cluster,
  kube,
  runs,
}: {
  cluster: Cluster
  kube: KubeClient
  runs: number
}): Promise<void> {
  const open = {
    ...policy(0, 80),
    metadata: { name: 'open', namespace },
    spec: { order: 0, types: ['Ingress'], ingress: [{ action: 'Allow' }] },
  }
  const [stored] = await kube.apply([open])
  await cluster.settled(stored!.metadata.resourceVersion!)
  const pods = (await kube.list('v1', 'Pod', { namespace })).map(
    ({ metadata }) => `${namespace}/${metadata.name}`,
  )
  const questions: Question[] = pods.flatMap((from) =>
    pods.flatMap((to) => ports.map((port) => ({ from, to, ...port, expectation: null }))),
  )
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const result = await measureMatrix({
      kube,
      abilities: cluster.abilities,
      questions,
      timeoutMs: 1000,
      engine: null,
    })
    const odd = result.cells.filter(({ measured }) => measured !== 'allowed')
    if (odd.length > 0) throw new Error(`${odd.length} cells are not clean: ${JSON.stringify(odd[0])}`)
    times.push(result.durationMs)
  }
  report(`matrix, ${questions.length} cells, ${pods.length} pods`, times, 'aim 10,000 ms')
}
