import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import { eventually } from '../support/eventually.ts'
import { kubectlEnvironment, testWithKubectl } from '../support/kubectl.ts'
import { homeForTests, root, startProgram } from '../support/ztlab.ts'

const home = homeForTests()
const charts = join(root, 'test/fixtures/charts')
const title = 'what widely used charts render is applied as it is, and all of it becomes ready'
testWithKubectl(title, applyCharts, 600_000)

async function applyCharts(): Promise<void> {
  expect((await home.ztlab(['cluster', 'up', '--name', 'charts'])).code).toBe(0)
  for (const file of readdirSync(charts)) await kubectl(['apply', '-f', join(charts, file)])
  for (const workload of ['ingress deploy/ingress-controller', 'data sts/db', 'monitoring ds/node-metrics']) {
    const [namespace = '', name = ''] = workload.split(' ')
    await kubectl(['-n', namespace, 'rollout', 'status', name, '--timeout=120s'])
  }
  await kubectl(['-n', 'ingress', 'wait', '--for=condition=complete', 'job', '--all', '--timeout=60s'])
  const kube = await connectKube(readFileSync(join(home.state, 'charts/kubeconfig'), 'utf8'))
  try {
    await checkIngress(kube)
    await checkDatabase(kube)
    await checkNodeMetrics(kube)
  } finally {
    kube.close()
  }
  expect((await home.ztlab(['cluster', 'down', '--name', 'charts'])).code).toBe(0)
}

/** Two on two nodes, as a user of the chart's own, behind a Service that leads to them. */
async function checkIngress(kube: KubeClient): Promise<void> {
  const pods = await kube.list('v1', 'Pod', {
    namespace: 'ingress',
    labelSelector: 'app.kubernetes.io/component=controller',
  })
  expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2)
  expect(await inPod('ingress', pods[0]!.metadata.name, 'id -u; id -g; ls /usr/local/certificates')).toBe(
    '101\n82\nca\ncert\nkey',
  )
  const service = await kube.get('v1', 'Service', 'ingress-controller', 'ingress')
  expect(service!.spec.ports.every(({ nodePort }: { nodePort: number }) => nodePort >= 30000)).toBe(true)
}

/** Members by name, each with a claim of its own that its user may write. */
async function checkDatabase(kube: KubeClient): Promise<void> {
  for (const name of ['db-0', 'db-1', 'db-2'])
    expect(await inPod('data', name, 'cat /data/who; id -u; stat -c %g /data')).toBe(`${name}\n1001\n1001`)
  const claims = await kube.list('v1', 'PersistentVolumeClaim', { namespace: 'data' })
  expect(claims.map(({ metadata, status }) => `${metadata.name} ${status.phase}`)).toEqual([
    'data-db-0 Bound',
    'data-db-1 Bound',
    'data-db-2 Bound',
  ])
  const reached = '/agnhost connect db-2.db-headless:6379 --timeout=3s && echo reached'
  // Its name is known a moment after it is ready.
  await eventually(async () => expect(await inPod('data', 'db-0', reached)).toBe('reached'))
}

/** One on each node, at the node's own address, in front of the node's files. */
async function checkNodeMetrics(kube: KubeClient): Promise<void> {
  const pods = await kube.list('v1', 'Pod', { namespace: 'monitoring' })
  expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2)
  for (const { metadata, status, spec } of pods) {
    expect(status.podIP).toBe(status.hostIP)
    expect(spec.priority).toBe(2_000_001_000)
    expect(await inPod('monitoring', metadata.name, 'ls -d /host/root/etc; echo $HOST_IP')).toBe(
      `/host/root/etc\n${status.hostIP}`,
    )
  }
}

function inPod(namespace: string, pod: string, script: string): Promise<string> {
  return kubectl(['-n', namespace, 'exec', pod, '--', 'sh', '-c', script])
}

/** What kubectl says; it must succeed. */
async function kubectl(words: string[]): Promise<string> {
  const env = kubectlEnvironment(home, join(home.state, 'charts/kubeconfig'))
  const argv = ['kubectl', ...words]
  const { code, stdout, stderr } = await startProgram(argv, { env, timeoutMs: 150_000 }).finished
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return stdout.trim()
}
