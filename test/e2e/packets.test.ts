import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { type Cluster, selectBackend } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { movedCounters, readCounters, startCapture } from '../support/capture.ts'
import { homeForTests, labs, testOnCluster } from '../support/ztlab.ts'

const home = homeForTests()
const namespace = 'zero-trust-lab'
const client = { pod: 'client', node: '', address: '' }
const web = { pod: 'nginx-1', node: '', address: '' }

testOnCluster(
  'packets decide: a denied SYN leaves its pod and never arrives, and one counter says who dropped it',
  () =>
    withCluster(async (cluster, kube) => {
      const measure = (port: number) => connectAndWatch(cluster, port)
      const allowed = { verdict: 'allowed', ok: true, atSource: true, atDestination: true, denied: [] }
      const dropped = { verdict: 'dropped', ok: true, atSource: true, atDestination: false }
      expect(client.node).not.toBe(web.node)

      expect(await measure(80)).toEqual(allowed)

      await apply(cluster, kube, denyAll)
      expect(await measure(80)).toEqual({
        ...dropped,
        denied: [`pod/${namespace}/client/egress/tier/default/deny`],
      })

      // The source may send now; what stops the packet is the destination's node.
      await apply(cluster, kube, allowEgress)
      expect(await measure(80)).toEqual({
        ...dropped,
        denied: [`pod/${namespace}/nginx-1/ingress/tier/default/deny`],
      })

      await apply(cluster, kube, allowIngress)
      expect(await measure(80)).toEqual(allowed)
      expect(await measure(81)).toEqual({
        ...dropped,
        denied: [`pod/${namespace}/nginx-1/ingress/tier/default/deny`],
      })
    }),
  300_000,
)

/** Probes one edge by `ztlab matrix` and watches both ends of it meanwhile, by means that share no code with it. */
async function connectAndWatch(cluster: Cluster, port: number) {
  const watch = async ({ pod, node }: { pod: string; node: string }) =>
    startCapture(cluster.nodeCommand(node, []), vethOf(pod))
  const counters = async () => {
    const nodes = [...new Set([client.node, web.node])]
    const each = await Promise.all(nodes.map((node) => readCounters(cluster.nodeCommand(node, []))))
    return each.map((found) => new Map([...found].filter(([name]) => name.endsWith('/deny'))))
  }
  const [source, destination] = await Promise.all([watch(client), watch(web)])
  const before = await counters()
  const argv = [
    'matrix',
    '--name',
    cluster.name,
    '--from',
    `${namespace}/client`,
    '--to',
    `${namespace}/nginx-1`,
  ]
  const { stdout } = await home.ztlab([...argv, '--port', `TCP/${port}`, '--output', 'json'])
  const after = await counters()
  const [atSource, atDestination] = (await Promise.all([source.stop(), destination.stop()])).map((seen) =>
    seen.some(
      (syn) =>
        syn.source === client.address && syn.destination === web.address && syn.destinationPort === port,
    ),
  )
  const { cells } = JSON.parse(stdout)
  expect(cells).toHaveLength(1)
  return {
    verdict: cells[0].measured,
    ok: cells[0].ok,
    atSource,
    atDestination,
    denied: before.flatMap((counted, index) => movedCounters(counted, after[index]!)),
  }
}

async function withCluster(work: (cluster: Cluster, kube: KubeClient) => Promise<void>): Promise<void> {
  const up = await home.ztlab(['cluster', 'up', '--name', 'packets'])
  expect(up).toMatchObject({ code: 0 })
  process.env.ZTLAB_STATE_DIR = home.state
  const cluster = await (await selectBackend('embedded')).open('packets')
  const kube = await connectKube(cluster.kubeconfig)
  try {
    const text = readFileSync(join(labs, 'calico-basics/workloads.yaml'), 'utf8')
    const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject)
    await kube.waitReady(await kube.apply(objects))
    for (const each of [client, web]) {
      const pod = await kube.get('v1', 'Pod', each.pod, namespace)
      each.node = pod!.spec.nodeName
      each.address = pod!.status.podIP
    }
    await work(cluster, kube)
  } finally {
    kube.close()
    await cluster.close()
    await home.ztlab(['cluster', 'down', '--name', 'packets'])
  }
}

async function apply(cluster: Cluster, kube: KubeClient, policy: KubernetesObject): Promise<void> {
  const [stored] = await kube.apply([policy])
  await cluster.settled(stored!.metadata.resourceVersion!)
}

/** As Calico names it. */
function vethOf(pod: string): string {
  return `cali${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`
}

function policy(name: string, spec: Record<string, unknown>): KubernetesObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec }
}

const denyAll = policy('deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
const allowEgress = policy('allow-egress', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] })
const allowIngress = policy('allow-ingress', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Ingress'],
  ingress: [
    {
      from: [{ podSelector: { matchLabels: { app: 'client' } } }],
      ports: [{ protocol: 'TCP', port: 80 }],
    },
  ],
})
