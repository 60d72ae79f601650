import { type Cluster, selectBackend } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { eventually } from '../support/eventually.ts'
import { homeForTests, testUnless, whyNoDualCluster } from '../support/ztlab.ts'

const home = homeForTests()
const image = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
/** A pod without a probe is ready before it listens, and its address is known before the way to it is. */
const patiently = 'for each in 1 2 3 4 5 6 7 8 9; do timeout 2 wget -qO- "$0" && exit; sleep 1; done; exit 1'
const firstBlocks = [/^192\.168\.8\.([0-5]?\d|6[0-3])$/, /^fd00:10:244:1::[0-3]?[0-9a-f]$/]

testUnless(whyNoDualCluster(), {
  title: 'a node whose block is full takes a second one, in each family, and other nodes find the way to it',
  body: () =>
    withCluster(async (_cluster, kube) => {
      const many = deployment('many', 'node-1', 64)
      const asker = deployment('asker', 'node-2', 1)
      await kube.apply([many, asker])
      await kube.waitReady([many, asker], { timeoutMs: 240_000 })
      const pods = await podsOf(kube, 'many')
      const addresses = pods.map(
        ({ status }) => status.podIPs.map(({ ip }: { ip: string }) => ip) as string[],
      )
      expect(new Set(addresses.flat()).size).toBe(128)
      const beyond = addresses.filter((own) => own.some((ip, index) => !firstBlocks[index]!.test(ip)))
      expect(beyond.length).toBeGreaterThan(0)
      const [from] = await podsOf(kube, 'asker')
      for (const ip of beyond[0]!) {
        const host = ip.includes(':') ? `[${ip}]` : ip
        const command = ['sh', '-c', patiently, `http://${host}/hostname`]
        const { stdout } = await kube.exec({
          ...{ namespace: 'default', pod: from!.metadata.name, command },
          timeoutMs: 60_000,
        })
        expect(stdout.trim()).toBe(pods[addresses.indexOf(beyond[0]!)]!.metadata.name)
      }

      // What was given back rests while there are others.
      const [gone] = pods
      await kube.delete([
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: gone!.metadata.name, namespace: 'default' } },
      ])
      const known = new Set(pods.map(({ metadata }) => metadata.uid))
      let added: KubernetesObject[] = []
      // Until its controller has seen that one is gone, the Deployment is as ready as before.
      await eventually(async () => {
        added = (await podsOf(kube, 'many')).filter(({ metadata }) => !known.has(metadata.uid))
        expect(added.map(({ status }) => typeof status.podIP)).toEqual(['string'])
      })
      expect(addresses.flat()).not.toContain(added[0]!.status.podIP)
    }),
  timeoutMs: 500_000,
})

async function withCluster(work: (cluster: Cluster, kube: KubeClient) => Promise<void>): Promise<void> {
  process.env.ZTLAB_STATE_DIR = home.state
  const silent = {
    step: <T>(_title: string, body: () => Promise<T>) => body(),
    note: () => {},
    warn: () => {},
  }
  const spec = { name: `blocks-${process.pid}`, nodes: 2, ipFamily: 'dual' as const, detached: false }
  const cluster = await (await selectBackend('embedded')).create(spec, silent)
  const kube = await connectKube(cluster.kubeconfig)
  try {
    await work(cluster, kube)
  } finally {
    kube.close()
    await cluster.close()
  }
}

async function podsOf(kube: KubeClient, app: string): Promise<KubernetesObject[]> {
  const pods = await kube.list('v1', 'Pod', { namespace: 'default', labelSelector: `app=${app}` })
  return pods.filter(({ metadata }) => !metadata.deletionTimestamp)
}

function deployment(app: string, nodeName: string, replicas: number): KubernetesObject {
  const labels = { app }
  const container = { name: 'main', image, args: ['netexec', '--http-port=80', '--udp-port=-1'] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { nodeName, terminationGracePeriodSeconds: 0, containers: [container] },
      },
    },
  }
}
